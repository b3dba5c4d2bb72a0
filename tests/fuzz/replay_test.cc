// What the fuzzer kept, through its target; by any compiler, and again with bytes changed. A claim
// of the target that does not hold aborts.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <vector>

#include "tests/support/golden.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace usage {
namespace {

std::vector<std::string> KeptInputs() {
  std::vector<std::string> inputs;
  auto folder = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/fuzz/corpus" / USAGE_FUZZ_CORPUS;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    inputs.push_back(testing::ReadFile(file.path()));
  }
  std::sort(inputs.begin(), inputs.end());  // the folder has no order
  return inputs;
}

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

TEST(KeptCorpus, RunsThrough) {
  std::vector<std::string> inputs = KeptInputs();
  ASSERT_GT(inputs.size(), 100u);
  for (const std::string& input : inputs) Feed(input);
}

TEST(KeptCorpus, RunsThroughWithBytesChanged) {
  std::mt19937 random(7);
  std::vector<std::string> inputs = KeptInputs();
  for (int i = 0; i < 20'000; ++i) {
    std::string input = inputs[random() % inputs.size()];
    const std::string& other = inputs[random() % inputs.size()];
    size_t at = random() % (input.size() + 1);
    input.insert(at, other.substr(0, random() % (other.size() + 1)));
    if (!input.empty()) input[random() % input.size()] = static_cast<char>(random() % 256);
    Feed(input);
  }
}

}  // namespace
}  // namespace usage
