// What the tests of the sources share: a source on a real database, and its readings as text.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/mac.h"
#include "sources/postgres/source_factory.h"
#include "tests/support/postgres.h"

namespace usage::testing {

inline std::string TimeText(const std::optional<Instant>& t) {
  if (!t) return "∅";
  std::string text = FormatInstant(*t);  // "2024-11-23T08:00:00.000000Z"
  text = text.substr(5, 14);
  text[5] = ' ';
  return text;
}

inline std::string NumberText(const std::optional<uint64_t>& n) {
  return n ? std::to_string(*n) : "∅";
}

// "key tenant subscriber access open|closed up/down start..stamp [stopped]"
inline std::string ToText(const Observation& seen) {
  return seen.key + " " + seen.tenant + " " + seen.subscriber + " " +
         std::string(AccessName(seen.access)) + (seen.open ? " open " : " closed ") +
         NumberText(seen.upload) + "/" + NumberText(seen.download) + " " + TimeText(seen.started) +
         " .. " + TimeText(seen.stamp) + (seen.open ? "" : " end " + TimeText(seen.stopped));
}

// Of every observation a line, sorted; then the keys that are gone, and the cases.
inline std::string ToText(const SourceBatch& batch) {
  std::vector<std::string> lines;
  for (const Observation& seen : batch.observations) lines.push_back(ToText(seen));
  for (const std::string& key : batch.gone) lines.push_back(key + " gone");
  std::sort(lines.begin(), lines.end());
  for (const auto& [source_case, count] : batch.cases) {
    lines.push_back("case " + std::string(SourceCaseName(source_case)) + " " +
                    std::to_string(count));
  }
  if (batch.used_difference_bytes > 0) {
    lines.push_back("differing bytes " + std::to_string(batch.used_difference_bytes));
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// "user mac address session-id nas", a dash for each that is not said; "nothing" where nobody
// asked.
inline std::string ToText(const std::optional<Whereabouts>& where) {
  if (!where) return "nothing";
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  return or_dash(where->user) + " " + or_dash(where->mac == 0 ? "" : FormatMac(where->mac)) + " " +
         or_dash(where->address) + " " + or_dash(where->session_id) + " " + or_dash(where->nas);
}

// How often the table has been scanned from its first row. Statistics are written when a connection
// ends, which `reader` has done but the server may not have seen yet; and when they are asked for.
inline std::string ScansOf(TestDatabase& database, const std::string& table) {
  const std::string others =
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
      " pid <> pg_backend_pid() AND backend_type = 'client backend'";
  while (database.Value(others) != "0") {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  database.Exec("SELECT pg_stat_force_next_flush()");
  return database.Value("SELECT pg_stat_get_numscans('" + table + "'::regclass)");
}

// A source of a database, read by a role of its own, whose clock stands at 2024-11-23 12:00 UTC
// unless it is moved.
class PostgresReader {
 public:
  explicit PostgresReader(TestDatabase& database) : database_(database) {
    config_.name = "test";
    config_.timeout = std::chrono::seconds(60);
    config_.database.dsn = database.dsn();
  }

  SourceConfig& config() { return config_; }
  // From the next Restart on.
  void AskForWhereabouts() { with_whereabouts_ = true; }
  VirtualClock& clock() { return clock_; }

  void Restart(const ResumePoint& point) {
    source_ = MakeSource(config_, clock_, with_whereabouts_);
    source_->Resume(point);
  }

  SourceBatch ReadBatch() {
    if (source_ == nullptr) Restart({});
    return source_->Read();
  }

  std::string Read() {
    const SourceBatch batch = ReadBatch();
    source_->Acknowledge();
    cursor_ = batch.cursor;
    return ToText(batch);
  }

  // The message of the exception that a reading throws.
  std::string ReadError() {
    try {
      return "no error: " + ToText(ReadBatch());
    } catch (const std::runtime_error& error) {
      return WithoutNames(error.what());
    }
  }

  const std::string& cursor() const { return cursor_; }
  SessionSource& source() { return *source_; }

 private:
  // The names that differ in each run.
  std::string WithoutNames(std::string text) const {
    Replace(text, config_.database.dsn.substr(config_.database.dsn.find("user=") + 5), "ROLE");
    Replace(text, database_.server().host + ":" + std::to_string(database_.server().port),
            "HOST:PORT");
    Replace(text, database_.name(), "DATABASE");
    return text;
  }

  static void Replace(std::string& text, const std::string& name, const std::string& with) {
    for (size_t at; (at = text.find(name)) != std::string::npos;) {
      text.replace(at, name.size(), with);
    }
  }

  TestDatabase& database_;
  bool with_whereabouts_ = false;
  VirtualClock clock_{FromUnixMicros(1'732'363'200'000'000)};
  SourceConfig config_;
  std::unique_ptr<SessionSource> source_;
  std::string cursor_;
};

}  // namespace usage::testing
