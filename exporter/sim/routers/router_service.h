// What the connections of one fake router share.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "sim/random.h"
#include "sim/routers/router_faults.h"
#include "sim/routers/router_model.h"
#include "sim/routers/router_tables.h"

namespace usage::sim {

struct RouterAccount {
  std::string user = "usage";
  std::string password;
};

// Thread-safe.
class RouterService {
 public:
  struct Options {
    int number = 0;
    RouterFaults faults;
    RouterAccount account;
    std::function<bool()> is_off;  // never, where it is none
    uint64_t seed = 1;
  };
  // `model` must outlive it.
  RouterService(const RouterModel& model, Options options);

  // None: there is no such table.
  std::optional<PrintedTable> Print(const std::string& path) const;
  bool is_off() const { return options_.is_off && options_.is_off(); }
  bool has(RouterFault fault) const { return options_.faults.has(fault); }
  const RouterAccount& account() const { return options_.account; }

  // What befalls the next request: at most one fault, of those of requests. Not kPassword.
  std::optional<RouterFault> NextFault();
  // Whether the next one to sign in is refused although he knows the password.
  bool RefusesNext();
  uint64_t NextNumber();
  uint64_t requests() const { return requests_; }  // for a table, until now

  // RouterOS serves one REST request at a time.
  std::mutex& turn() { return turn_; }

 private:
  bool Draw(RouterFault fault);

  const RouterModel& model_;
  const Options options_;
  const TableStyle style_;
  std::mutex turn_;
  std::mutex mutex_;
  Random random_;
  mutable std::atomic<uint64_t> requests_ = 0;
};

}  // namespace usage::sim
