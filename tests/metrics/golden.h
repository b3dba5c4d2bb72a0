// Texts that are compared with a file of the repository, or written to it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace usage {

inline std::string ReadRepositoryFile(const std::string& path) {
  std::ifstream file(USAGE_SOURCE_DIR "/" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// `path` is relative to the repository. With USAGE_REGENERATE=1 the file is written instead.
inline void ExpectGolden(const std::string& path, const std::string& text) {
  if (std::getenv("USAGE_REGENERATE") != nullptr) {
    std::ofstream(USAGE_SOURCE_DIR "/" + path, std::ios::binary) << text;
  }
  EXPECT_EQ(ReadRepositoryFile(path), text)
      << path << " is not what the code makes; if the code is right: USAGE_REGENERATE=1";
}

}  // namespace usage
