// Golden files: text that a test expects, kept beside the test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace usage::testing {

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void WriteFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// `text` is what the file holds. With USAGE_REGENERATE=1 the file is written instead.
inline void ExpectGolden(const std::filesystem::path& path, const std::string& text) {
  const char* regenerate = std::getenv("USAGE_REGENERATE");
  if (regenerate != nullptr && std::string(regenerate) == "1") return WriteFile(path, text);
  ASSERT_TRUE(std::filesystem::exists(path)) << path << " is missing: run with USAGE_REGENERATE=1";
  EXPECT_EQ(text, ReadFile(path)) << "another text is right? USAGE_REGENERATE=1 writes " << path;
}

}  // namespace usage::testing
