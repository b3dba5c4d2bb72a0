// Whatever becomes of a file, reading it ends with a configuration or with messages.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <sstream>
#include <string>

#include "config/config_file.h"
#include "net/web_config.h"
#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  std::string Mutate(std::string text) {
    for (size_t count = 1 + Below(4); count > 0; --count) text = MutateOnce(text);
    return text;
  }

 private:
  size_t Below(size_t n) { return n == 0 ? 0 : random_() % n; }

  std::string MutateOnce(std::string text) {
    size_t at = Below(text.size());
    size_t length = Below(40);
    switch (Below(7)) {
      case 0:
        return text.erase(at, length);
      case 1:
        return text.insert(at, text.substr(Below(text.size()), length));
      case 2:
        return text.insert(at, Token());
      case 3:
        return text.insert(at, std::string(1 + Below(3), static_cast<char>(Below(256))));
      case 4:
        return text.replace(at, 1, Token());
      case 5:
        return text.substr(0, at);
      default:
        return text.insert(at, std::string(Below(300), "[{(:- \n"[Below(7)]));
    }
  }

  std::string Token() {
    static const char* const kTokens[] = {
        ":",    "- ",     "\n",    "  ",       "\t",      "{",  "}",  "[", "]",    "&a ",
        "*a ",  "!!str ", "? ",    "|",        ">",       "'",  "\"", "#", "%",    "@",
        "`",    "---",    "...",   "<<: ",     "~",       "\0", ",",  "=", "${X}", "\xef\xbb\xbf",
        "\xff", "null",   "1e999", "!<tag:x>", "sources:"};
    return kTokens[Below(std::size(kTokens))];
  }

  std::mt19937 random_;
};

std::string Example(const char* name) {
  return testing::ReadFile(std::filesystem::path(USAGE_SOURCE_DIR) / "config" / name);
}

// Every line of an error has the file's name in front.
template <typename T>
void ExpectConfigOrMessages(const Expected<T>& result, const std::string& path,
                            const std::string& text) {
  if (result) return;
  std::istringstream lines(result.error());
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_TRUE(line.starts_with(path + ":")) << line << "\nof:\n" << text;
  }
  ASSERT_GT(count, 0u) << text;
}

TEST(MutatedConfig, LoadsOrHasMessages) {
  testing::TempFolder folder;
  std::string path = folder / "config.yaml";
  for (const char* name : {"usage_exporter.user_sessions.yaml", "usage_exporter.radacct.yaml"}) {
    std::string example = Example(name);
    for (uint32_t seed = 0; seed < 600; ++seed) {
      std::string text = Mutator(seed).Mutate(example);
      testing::WriteFile(path, text);
      ExpectConfigOrMessages(LoadConfig(path), path, text);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(MutatedWebConfig, LoadsOrHasMessages) {
  testing::TempFolder folder;
  std::string path = folder / "web.yaml";
  std::string example = Example("web.yaml") +
                        "basic_auth_users: {a: "
                        "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG}\n"
                        "rate_limit: {interval: 1s, burst: 5}\n"
                        "tls_server_config: {cert_file: a, key_file: b, min_version: TLS12}\n";
  for (uint32_t seed = 0; seed < 600; ++seed) {
    std::string text = Mutator(seed).Mutate(example);
    testing::WriteFile(path, text);
    ExpectConfigOrMessages(LoadWebConfig(path), path, text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace usage
