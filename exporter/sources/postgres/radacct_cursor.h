// Where the search for new rows of radacct goes on, for each schema.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "core/types.h"

namespace usage {

// The radacctid after which rows are looked for. It is what was the newest ten minutes ago, by the
// reader's clock: numbers are taken when a row is written, and show when it is committed.
class RadacctCursor {
 public:
  explicit RadacctCursor(int64_t after) : after_(after), newest_(after) {}

  int64_t after() const { return after_; }

  // `id` was seen. Numbers never seen to have been taken are not skipped.
  void Saw(int64_t id) { newest_ = id > newest_ ? id : newest_; }

  // A reading has ended. Remembers the newest number at most once in half a minute.
  void Pass(Instant read_at) {
    constexpr Duration kStep = std::chrono::seconds(30), kLateCommits = std::chrono::minutes(10);
    if (past_.empty() || read_at - past_.back().at >= kStep || read_at < past_.back().at) {
      past_.push_back({read_at, newest_});
    }
    for (; !past_.empty() && read_at - past_.front().at >= kLateCommits; past_.pop_front()) {
      after_ = past_.front().newest;
    }
  }

 private:
  struct Past {
    Instant at;
    int64_t newest;
  };

  int64_t after_;
  int64_t newest_;
  std::deque<Past> past_;
};

// "radacctid schema=number schema=number": the schema is "" for the only table; space, "=" and "%"
// in a schema are written as in URLs.
using RadacctNumbers = std::map<std::string, int64_t>;
std::string FormatRadacctNumbers(const RadacctNumbers& numbers);
// No value for the cursor of another kind of source.
std::optional<RadacctNumbers> ParseRadacctNumbers(const std::string& text);

}  // namespace usage
