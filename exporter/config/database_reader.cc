#include "config/database_reader.h"

#include "config/dsn.h"
#include "config/secret.h"
#include "config/section_values.h"

namespace usage {
namespace {

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
    const auto content = ReadVariable(text.substr(begin + 2, end - begin - 2));
    if (!content) {
      value.Fail(content.error());
      return std::nullopt;
    }
    expanded += text.substr(at, begin - at) + *content;
    at = end + 1;
  }
  return expanded + text.substr(at);
}

}  // namespace

DatabaseReader::DatabaseReader(const std::string& file_name)
    : folder_(std::filesystem::path(file_name).parent_path()),
      world_readable_(IsWorldReadable(file_name)) {}

std::optional<DatabaseConfig> DatabaseReader::Read(const YamlValue& value) const {
  YamlMap map(value);
  YamlValue dsn = map.Required(
      "dsn", "write where the database is, such as \"host=127.0.0.1 dbname=billing user=usage\"");
  std::string password = ReadPassword(&map);
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

std::string DatabaseReader::ReadPassword(YamlMap* map) const {
  const SecretPlace place = ReadSecretPlace(map, "password", folder_);
  if (place.empty()) return "";
  const auto password = ReadSecret(place);
  return password ? *password : "";
}

}  // namespace usage
