// Compares what was accounted with the truth: `usage_sim verify`.
#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/figures.h"
#include "sim/http_get.h"

namespace usage::sim {

struct VerifyOptions {
  std::string truth;    // path
  std::string metrics;  // URL of the page; "": not compared
  HttpAccount account;
  std::string ledger;  // DSN; "": not compared
  std::string schema = "usage";
  bool hold = false;          // asks the running simulator to stand still meanwhile
  bool only_tenants = false;  // what others hold is no difference
  bool json = false;
  std::chrono::milliseconds timeout{120'000};
};

enum class Verdict { kEqual = 0, kDifferent = 1, kUnknown = 2 };

// Reads until everything is equal or the time is over: the ledger's tables follow the metrics some
// time later. Prints a table of all tenants, then what is off. kUnknown: no comparison was
// possible, `errors` says why. Throws std::invalid_argument for options that make no sense.
Verdict Verify(const VerifyOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace usage::sim
