// What the section `routers` and a file of routers both have, as YAML: how to reach a router and
// how to sign in.
#pragma once

#include <filesystem>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

// The map {user, password_file, community_file, auth_protocol, …}; relative files start at
// `folder`. Faults are noted in the file, secrets that are not to be had among them.
RouterCredentials ReadRouterCredentials(const YamlValue& value,
                                        const std::filesystem::path& folder);

// One of the words routeros_rest, routeros_api and snmp.
void ReadRouterProtocol(const YamlValue& value, RouterProtocol* out);

// {ca_file, fingerprint} or the word off. True when TLS is used.
bool ReadRouterTls(const YamlValue& value, const std::filesystem::path& folder, RouterTls* out);

}  // namespace usage
