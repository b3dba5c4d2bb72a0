// A folder of bad files, each NAME.yaml with the message that it gets in NAME.txt beside it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/golden.h"

namespace usage::testing {

inline std::vector<std::string> CorpusNames(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The checkout's place is not part of a message.
inline std::string WithoutFolder(std::string text, const std::filesystem::path& folder) {
  const std::string prefix = folder.string() + "/";
  for (size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

// `load` takes a path and returns an Expected. Each line of the message begins with the file, and
// the corpus' password is in none.
template <typename Load>
void ExpectRefused(const std::filesystem::path& folder, const std::string& name, Load load) {
  const auto loaded = load((folder / (name + ".yaml")).string());
  ASSERT_FALSE(loaded) << "accepted";
  const std::string message = WithoutFolder(loaded.error(), folder);
  ExpectGolden(folder / (name + ".txt"), message + "\n");
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_THAT(line, ::testing::StartsWith(name + ".yaml:"));
  }
  EXPECT_THAT(message, ::testing::Not(::testing::HasSubstr("hunter2")));
}

}  // namespace usage::testing
