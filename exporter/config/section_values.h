// Values that several sections of the configuration have.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.h"
#include "core/http_url.h"
#include "core/strict_yaml.h"

namespace usage {

// `remedy`: what to write instead of a bad one.
void ReadUrl(const YamlValue& value, const std::string& remedy, HttpUrl* out);

// One query that reads.
void ReadQuery(const YamlValue& value, std::string* out);

// The name of a file that only usagectl opens, which the exporter's user need not even see; a
// relative one starts at `folder`. "" when there is none, and no `otherwise`.
std::string ReadPath(const YamlValue& value, const std::filesystem::path& folder,
                     const std::string& otherwise = "");

// Text that `check` must find nothing wrong with: it gives "" or what is wrong, and what to do.
void ReadChecked(const YamlValue& value, std::string (*check)(const std::string&),
                 std::string* out);

// Of a time zone's name, for ReadChecked.
std::string ZoneFault(const std::string& name);

// Where a list is: the keys table, sql and file, of which there is one at most. `what` stands in
// it. A list by sql or file has no table.
struct ListPlace {
  std::string* table;
  std::string* sql;
  std::string* file;
};
void ReadListPlace(YamlMap* map, const std::string& what, const std::filesystem::path& folder,
                   ListPlace list);

// The keys NAME_file and NAME_env, of which there is one or none. Notes a fault when the secret is
// not to be had there now, and warns of a file that everybody can read.
SecretPlace ReadSecretPlace(YamlMap* map, const std::string& name,
                            const std::filesystem::path& folder);

}  // namespace usage
