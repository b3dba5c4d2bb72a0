// A corpus of bad configurations, each with its message in a file beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "config/config_file.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::filesystem::path kCorpus = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/config/bad";

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The checkout's place is not part of a message.
std::string WithoutFolder(std::string text) {
  std::string folder = kCorpus.string() + "/";
  for (size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
  return text;
}

class BadConfig : public ::testing::TestWithParam<std::string> {
 protected:
  std::string Message() const {
    Expected<Config> config = LoadConfig((kCorpus / (GetParam() + ".yaml")).string());
    return config ? "accepted" : WithoutFolder(config.error());
  }
};

TEST_P(BadConfig, HasItsMessage) {
  testing::ExpectGolden(kCorpus / (GetParam() + ".txt"), Message() + "\n");
}

TEST_P(BadConfig, IsRefusedWithTheFileInFrontOfEveryLine) {
  std::istringstream lines(Message());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(line, StartsWith(GetParam() + ".yaml:"));
  }
}

TEST_P(BadConfig, KeepsSecrets) { EXPECT_THAT(Message(), Not(HasSubstr("hunter2"))); }

INSTANTIATE_TEST_SUITE_P(Corpus, BadConfig, ::testing::ValuesIn(CaseNames()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace usage
