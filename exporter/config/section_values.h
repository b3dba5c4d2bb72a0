// Values that several sections of the configuration have.
#pragma once

#include <filesystem>
#include <string>

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

}  // namespace usage
