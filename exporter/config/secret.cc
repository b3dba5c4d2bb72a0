#include "config/secret.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace usage {
namespace {

constexpr size_t kLongest = 1024;

bool IsVariableName(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                              "wxyz0123456789_") == std::string::npos;
}

Expected<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream stream(path);
  std::string secret{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) {
    return Error{path + " can't be read (" + std::strerror(errno) +
                 "); give the program's user the right to read it"};
  }
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty() || secret.size() > kLongest ||
      secret.find_first_of("\r\n") != std::string::npos) {
    return Error{path + " must hold the password and nothing else, on one line"};
  }
  return secret;
}

}  // namespace

Expected<std::string> ReadSecret(const SecretPlace& place) {
  return place.file.empty() ? ReadVariable(place.variable) : ReadSecretFile(place.file);
}

Expected<std::string> ReadVariable(const std::string& name) {
  if (!IsVariableName(name)) {
    return Error{"must name an environment variable: letters, digits and '_'"};
  }
  const char* content = std::getenv(name.c_str());
  if (content == nullptr || *content == '\0') {
    return Error{"the environment variable " + name + " is not set; set it for the program"};
  }
  return std::string(content);
}

bool IsWorldReadable(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

}  // namespace usage
