#include "app/router_post.h"

#include "config/router_fields.h"

namespace usage {
namespace {

using Steady = std::chrono::steady_clock;

double SecondsSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

void Name(const RouterConfig& config, RouterStatus* status) {
  status->name = config.name;
  status->tenant = config.tenant;
  status->protocol = RouterProtocolName(config.protocol);
}

}  // namespace

RouterPost::RouterPost(const RouterConfig& config, const RouterSourceMaker& make, RouterSink& sink)
    : make_(make), sink_(sink), config_(config) {
  Name(config_, &status_);
}

bool RouterPost::Poll(PollDepth depth, uint64_t skipped) {
  TakeChange(skipped);
  const auto begin = Steady::now();
  RouterReading reading;
  try {
    reading = Ask(depth);
  } catch (const std::exception& e) {
    Failed(e.what(), SecondsSince(begin));
    return false;
  }
  Succeeded(depth, reading, SecondsSince(begin));
  Hand(reading);
  return true;
}

void RouterPost::TakeChange(uint64_t skipped) {
  std::lock_guard lock(mutex_);
  ++status_.polls;
  status_.skipped += skipped;
  if (!next_) return;
  config_ = *next_;
  next_.reset();
  source_.reset();
}

RouterReading RouterPost::Ask(PollDepth depth) {
  if (!source_) source_ = make_(config_);
  return source_->Poll(depth);
}

void RouterPost::Succeeded(PollDepth depth, const RouterReading& reading, double seconds) {
  faults_.Note("router " + config_.name, "");
  std::lock_guard lock(mutex_);
  status_.up = true;
  status_.last_error.clear();
  status_.last_success = reading.at;
  status_.last_duration_seconds = seconds;
  status_.bad_values += reading.bad_values;
  if (depth != PollDepth::kAll) return;
  status_.facts = reading.facts;
  status_.interfaces = reading.interfaces;
  details_at_ = Steady::now();
}

void RouterPost::Failed(const std::string& error, double seconds) {
  faults_.Note("router " + config_.name, error);
  std::lock_guard lock(mutex_);
  status_.up = false;
  ++status_.errors;
  status_.last_error = error;
  status_.last_duration_seconds = seconds;
}

// What can't be booked is not the router's fault: it goes on being polled as one that is well.
void RouterPost::Hand(const RouterReading& reading) {
  std::string error;
  try {
    sink_.TakeReading(config_.name, config_.tenant, reading);
  } catch (const std::exception& e) {
    error = e.what();
  }
  sink_faults_.Note("router " + config_.name + ": what it says can't be taken", error);
}

void RouterPost::Change(const RouterConfig& config) {
  std::lock_guard lock(mutex_);
  next_ = config;
  Name(config, &status_);
}

RouterStatus RouterPost::status(Time oldest_details) const {
  std::lock_guard lock(mutex_);
  RouterStatus status = status_;
  if (details_at_ < oldest_details) {
    status.facts = {};
    status.interfaces.clear();
  }
  return status;
}

}  // namespace usage
