#include "sim/routers/router_faults.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "core/units.h"
#include "sim/random.h"

namespace usage::sim {
namespace {

enum class Kind { kOfRequests, kAtATime, kAlways };

struct Name {
  RouterFault fault;
  const char* text;
  Kind kind;
};
constexpr std::array<Name, kRouterFaults> kNames = {{
    {RouterFault::kSlow, "slow", Kind::kOfRequests},
    {RouterFault::kStall, "stall", Kind::kOfRequests},
    {RouterFault::kDrop, "drop", Kind::kOfRequests},
    {RouterFault::kPassword, "password", Kind::kOfRequests},
    {RouterFault::kTrap, "trap", Kind::kOfRequests},
    {RouterFault::kFatal, "fatal", Kind::kOfRequests},
    {RouterFault::kTruncated, "truncated", Kind::kOfRequests},
    {RouterFault::kReserved, "reserved", Kind::kOfRequests},
    {RouterFault::kReboot, "reboot", Kind::kAtATime},
    {RouterFault::kReset, "reset", Kind::kAtATime},
    {RouterFault::kCertificate, "certificate", Kind::kAtATime},
    {RouterFault::kEmpty, "empty", Kind::kAlways},
    {RouterFault::kOldLogin, "old_login", Kind::kAlways},
    {RouterFault::kHuge, "huge", Kind::kAlways},
    {RouterFault::kLatin1, "latin1", Kind::kAlways},
    {RouterFault::kClock, "clock", Kind::kAlways},
    {RouterFault::kDead, "dead", Kind::kAlways},
    {RouterFault::kAbsent, "absent", Kind::kAlways},
}};
constexpr double kUsualDelay = 30;  // seconds

const Name* Find(const std::string& text) {
  auto found = std::find_if(kNames.begin(), kNames.end(),
                            [&](const Name& name) { return text == name.text; });
  return found == kNames.end() ? nullptr : &*found;
}

std::string NoSuchFault(const std::string& text) {
  return text + ": no such fault; there are " + DescribeRouterFaults();
}

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? std::optional(value) : std::nullopt;
}

std::optional<double> ParseRate(const std::string& text) {
  auto rate = ParseNumber<double>(text);
  return rate && *rate >= 0 && *rate <= 1 ? rate : std::nullopt;
}

// What a fault of one router is set to by what stands behind its colon; nothing does when it is "".
std::optional<double> OwnValue(Kind kind, const std::string& text) {
  if (kind == Kind::kAlways) return text.empty() ? std::optional(1.0) : std::nullopt;
  if (kind == Kind::kOfRequests) return text.empty() ? std::optional(1.0) : ParseRate(text);
  if (text.empty()) return kUsualDelay;
  auto after = ParseDuration(text);
  if (!after || *after < std::chrono::seconds(1)) return std::nullopt;
  return std::chrono::duration<double>(*after).count();
}

std::string Examples(const Name& name) {
  std::string text = name.text;
  switch (name.kind) {
    case Kind::kOfRequests:
      return text + ", or " + text + ":0.1";
    case Kind::kAtATime:
      return text + ", or " + text + ":40s";
    case Kind::kAlways:
      break;
  }
  return text;
}

// "3" of "router3".
std::optional<int> RouterOf(const std::string& text) {
  if (!text.starts_with("router")) return std::nullopt;
  auto number = ParseNumber<int>(std::string_view(text).substr(6));
  return number && *number >= 0 ? number : std::nullopt;
}

// Whether the router is among the `rate` of all that come first in the fault's own order.
bool IsChosen(int router, int routers, double rate, uint64_t seed) {
  auto rank_of = [&](int i) { return std::pair(Mix(seed, static_cast<uint64_t>(i)), i); };
  int before = 0;
  for (int i = 0; i < routers; ++i) before += rank_of(i) < rank_of(router) ? 1 : 0;
  return before < static_cast<int>(std::lround(rate * routers));
}

}  // namespace

std::string RouterFaultPlan::SetOwn(int router, const std::string& fault) {
  size_t colon = fault.find(':');
  const Name* name = Find(fault.substr(0, colon));
  if (name == nullptr) return NoSuchFault(fault.substr(0, colon));
  std::string text = colon == std::string::npos ? "" : fault.substr(colon + 1);
  auto value = OwnValue(name->kind, text);
  if (!value || (colon != std::string::npos && text.empty())) {
    return fault + ": write " + Examples(*name);
  }
  own_[router].Set(name->fault, *value);
  return "";
}

std::string RouterFaultPlan::Set(const std::string& item) {
  size_t equals = item.find('=');
  std::string what = item.substr(0, equals);
  std::string value = equals == std::string::npos ? "" : item.substr(equals + 1);
  if (auto router = RouterOf(what)) return SetOwn(*router, value);
  const Name* name = Find(what);
  if (name == nullptr) return NoSuchFault(what);
  auto rate = ParseRate(value);
  if (!rate) return item + ": write " + what + "=0.1, from 0 to 1, or router3=" + what;
  rates_.Set(name->fault, *rate);
  return "";
}

RouterFaults RouterFaultPlan::For(int router, int routers, uint64_t seed) const {
  RouterFaults faults;
  for (const Name& name : kNames) {
    double rate = rates_.rate(name.fault);
    if (name.kind == Kind::kOfRequests) {
      faults.Set(name.fault, rate);
    } else if (IsChosen(router, routers, rate, Mix(seed, static_cast<uint64_t>(name.fault)))) {
      faults.Set(name.fault, name.kind == Kind::kAtATime ? kUsualDelay : 1);
    }
  }
  auto own = own_.find(router);
  if (own == own_.end()) return faults;
  for (const Name& name : kNames) {
    if (own->second.has(name.fault)) faults.Set(name.fault, own->second.rate(name.fault));
  }
  return faults;
}

Expected<RouterFaultPlan> ParseRouterFaults(const std::string& text) {
  RouterFaultPlan plan;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    if (std::string wrong = plan.Set(item); !wrong.empty()) {
      return Error{"--router-faults: " + wrong};
    }
  }
  return plan;
}

std::string DescribeRouterFaults() {
  std::string text;
  for (const Name& name : kNames) text += (text.empty() ? "" : ", ") + std::string(name.text);
  return text;
}

}  // namespace usage::sim
