#include "config/database_reader.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/dsn.h"

namespace usage {
namespace {

constexpr size_t kLongestPassword = 1024;

bool IsWorldReadable(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

bool IsVariableName(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                              "wxyz0123456789_") == std::string::npos;
}

// The environment's value; none, and a fault, when it has none.
std::optional<std::string> Variable(const YamlValue& value, const std::string& name) {
  if (!IsVariableName(name)) {
    value.Fail("must name an environment variable: letters, digits and '_'");
    return std::nullopt;
  }
  const char* content = std::getenv(name.c_str());
  if (content == nullptr || *content == '\0') {
    value.Fail("the environment variable " + name + " is not set; set it for the program");
    return std::nullopt;
  }
  return content;
}

// With the environment's values in place of ${NAME}; none, and a fault, when one is not to be had.
std::optional<std::string> Expand(const YamlValue& value, const std::string& text) {
  std::string expanded;
  size_t at = 0;
  for (size_t begin; (begin = text.find("${", at)) != std::string::npos;) {
    size_t end = text.find('}', begin);
    if (end == std::string::npos) {
      value.Fail("has a '${' without a '}'; write ${NAME}");
      return std::nullopt;
    }
    auto content = Variable(value, text.substr(begin + 2, end - begin - 2));
    if (!content) return std::nullopt;
    expanded += text.substr(at, begin - at) + *content;
    at = end + 1;
  }
  return expanded + text.substr(at);
}

}  // namespace

DatabaseReader::DatabaseReader(const std::string& file_name)
    : folder_(std::filesystem::path(file_name).parent_path().string()),
      world_readable_(IsWorldReadable(file_name)) {}

std::optional<DatabaseConfig> DatabaseReader::Read(const YamlValue& value) const {
  YamlMap map(value);
  YamlValue dsn = map.Required(
      "dsn", "write where the database is, such as \"host=127.0.0.1 dbname=billing user=usage\"");
  YamlValue password_file = map["password_file"];
  std::string password = ReadPassword(password_file, map["password_env"]);
  std::string written;
  dsn.ReadSecret(&written);
  std::optional<std::string> expanded = Expand(dsn, written);
  if (written.empty() || !expanded) return std::nullopt;
  std::optional<DsnFacts> facts = ExamineDsn(*expanded);
  if (!facts) {
    dsn.Fail(
        "is not a connection string of libpq; write \"host=… port=… dbname=… user=…\" (a value "
        "with spaces in single quotes) or \"postgresql://user@host:port/dbname\"");
    return std::nullopt;
  }
  if (!password.empty() && !facts->password.empty()) {
    dsn.Fail("has a password, and there is another beside it; keep one of them");
  }
  if (!facts->password.empty()) CheckOpenness(dsn, written);
  return DatabaseConfig{*expanded, password, facts->display};
}

// A password that comes from the environment does not stand in the file.
void DatabaseReader::CheckOpenness(const YamlValue& dsn, const std::string& written) const {
  std::optional<DsnFacts> facts = ExamineDsn(written);
  bool stands_here = facts && facts->password.find("${") == std::string::npos;
  if (stands_here && world_readable_) {
    dsn.Warn(
        "has a password, and everybody may read this file; take that right away (chmod o-r) "
        "or use password_file");
  }
}

std::string DatabaseReader::ReadPassword(const YamlValue& file, const YamlValue& variable) const {
  if (file.present() && variable.present()) {
    variable.Fail("stands beside password_file; keep one of them");
    return "";
  }
  if (file.present()) return ReadPasswordFile(file);
  std::string name;
  variable.Read(&name);
  return name.empty() ? "" : Variable(variable, name).value_or("");
}

std::string DatabaseReader::ReadPasswordFile(const YamlValue& value) const {
  std::string name;
  value.Read(&name);
  if (name.empty()) return "";
  std::string path = (std::filesystem::path(folder_) / name).string();
  std::ifstream stream(path);
  std::string password{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad()) {
    value.Fail(path + " can't be read (" + std::strerror(errno) +
               "); give the program's user the right to read it");
    return "";
  }
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  if (password.empty() || password.size() > kLongestPassword ||
      password.find_first_of("\r\n") != std::string::npos) {
    value.Fail(path + " must hold the password and nothing else, on one line");
    return "";
  }
  if (IsWorldReadable(path)) {
    value.Warn(path + " can be read by everybody; take that right away (chmod o-r)");
  }
  return password;
}

}  // namespace usage
