// A corpus of bad configurations, each with its message in a file beside it.
#include "config/config_file.h"
#include "tests/support/bad_corpus.h"

namespace usage {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/config/bad";

class BadConfig : public ::testing::TestWithParam<std::string> {};

TEST_P(BadConfig, IsRefusedWithFileLineAndRemedy) {
  testing::ExpectRefused(kCorpus, GetParam(), LoadConfig);
}

INSTANTIATE_TEST_SUITE_P(Corpus, BadConfig, ::testing::ValuesIn(testing::CorpusNames(kCorpus)),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace usage
