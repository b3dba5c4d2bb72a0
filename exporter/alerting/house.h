// What the routing is made of, read from where it is kept.
#pragma once

#include <string>
#include <vector>

#include "alerting/routing.h"
#include "config/config.h"

namespace usage::alerting {

struct House {
  RoutingInput input;
  std::vector<std::string> warnings;  // what is odd, and goes on all the same
  std::vector<std::string> faults;    // contacts that can't be told: those alone are left out
};

// The section of the configuration. Throws std::runtime_error when there is none.
const AlertingConfig& AlertingOf(const Config& config);

// The first line of a file that holds a secret. Throws std::runtime_error without one; `key` says
// whose it is: "alerting.password_file".
std::string SecretIn(const std::string& file, const std::string& key);

// Tenants, contacts, secrets, templates and orgs. Throws std::runtime_error for what would leave
// all tenants without alerts.
House ReadHouse(const Config& config);

}  // namespace usage::alerting
