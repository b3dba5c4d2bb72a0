// A table of sessions in memory, for tests of what reads such tables.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sources/postgres/session_table.h"

namespace usage::testing {

struct FakeRow {
  bool open = true;
  uint64_t upload = 0;
  uint64_t download = 0;
  Instant arrived;     // what the search for arrivals goes by
  bool ghost = false;  // open, but written in a way that the search for open rows does not find
  CaseSet cases = {};
  uint64_t used_difference = 0;
};

// What the database holds. Rows are changed through Put and Erase only: they number the versions.
class FakeDatabase {
 public:
  using Rows = std::map<std::string, std::pair<uint64_t, FakeRow>>;  // key: version, row

  void Put(const std::string& key, const FakeRow& row) { rows_[key] = {++version_, row}; }
  void Erase(const std::string& key) { rows_.erase(key); }
  bool Has(const std::string& key) const { return rows_.count(key) > 0; }
  const FakeRow& Get(const std::string& key) const { return rows_.at(key).second; }
  const Rows& rows() const { return rows_; }
  uint64_t version() const { return version_; }

  // The n-th question from now on (0: the next one) fails; -1: none does.
  int fail_in = -1;
  // How many rows came with their content.
  uint64_t contents_read = 0;
  std::vector<std::string> keys_read;  // by the last VisitKeys

  void Ask() {
    if (fail_in >= 0 && fail_in-- == 0) throw std::runtime_error("the database went away");
  }

 private:
  Rows rows_;
  uint64_t version_ = 0;
};

class FakeSessionTable : public SessionTable {
 public:
  explicit FakeSessionTable(FakeDatabase& database) : database_(database) {}

  void Begin(Instant read_at) override {
    database_.Ask();
    read_at_ = read_at;
    begun_ = database_.version();
    if (cursor_.empty()) floor_ = newest_ = Newest();
  }

  void End() override {
    database_.Ask();
    horizon_ = begun_;
    cursor_ = std::to_string(UnixMicros(floor_)) + " " + std::to_string(UnixMicros(newest_));
  }

  void EndOfSome() override { database_.Ask(); }

  void VisitOpen(Scope scope, const Visit& visit) override {
    database_.Ask();
    for (const auto& [key, entry] : database_.rows()) {
      if (IsOpen(entry.second)) Show(key, entry, scope == Scope::kAll || IsNew(entry), visit);
    }
  }

  void VisitArrived(Scope scope, const Visit& visit) override {
    database_.Ask();
    const Instant after = std::max(floor_, newest_ - std::chrono::minutes(10));
    for (const auto& [key, entry] : database_.rows()) {
      const bool is_asked = !IsOpen(entry.second) && entry.second.arrived > after;
      if (is_asked && (scope == Scope::kAll || IsNew(entry))) Show(key, entry, true, visit);
    }
    newest_ = std::max(newest_, std::min(Newest(), read_at_));
  }

  void VisitKeys(std::span<const std::string> keys, const Visit& visit) override {
    database_.Ask();
    database_.keys_read.assign(keys.begin(), keys.end());
    for (const std::string& key : keys) {
      const auto found = database_.rows().find(key);
      if (found != database_.rows().end()) Show(key, found->second, true, visit);
    }
  }

  std::string Cursor() const override { return cursor_; }

  void SetCursor(const std::string& cursor) override {
    cursor_ = cursor;
    if (cursor.empty()) return;
    floor_ = FromUnixMicros(std::stoll(cursor));
    newest_ = FromUnixMicros(std::stoll(cursor.substr(cursor.find(' '))));
  }

  DecodedRow Decode(const TableRow& row) const override {
    const FakeRow& fake = database_.Get(std::string(row.key));
    DecodedRow decoded;
    decoded.observation.key = row.key;
    decoded.observation.open = fake.open;
    decoded.observation.upload = fake.upload;
    decoded.observation.download = fake.download;
    decoded.cases = fake.cases;
    decoded.used_difference = fake.used_difference;
    return decoded;
  }

  std::vector<std::string> Advice() const override { return {}; }

 private:
  using Entry = FakeDatabase::Rows::mapped_type;

  static bool IsOpen(const FakeRow& row) { return row.open && !row.ghost; }
  bool IsNew(const Entry& entry) const { return entry.first > horizon_; }

  Instant Newest() const {
    Instant newest = FromUnixMicros(0);
    for (const auto& [key, entry] : database_.rows())
      newest = std::max(newest, entry.second.arrived);
    return newest;
  }

  void Show(const std::string& key, const Entry& entry, bool with_content, const Visit& visit) {
    const FakeRow& row = entry.second;
    const std::string content = std::to_string(row.open) + " " + std::to_string(row.upload) + " " +
                                std::to_string(row.download) + " " +
                                std::to_string(row.used_difference);
    if (with_content) ++database_.contents_read;
    visit({key, with_content ? content : ""});
  }

  FakeDatabase& database_;  // does not change during a reading
  Instant read_at_;
  uint64_t begun_ = 0;
  uint64_t horizon_ = 0;
  std::string cursor_;
  Instant floor_;
  Instant newest_;
};

}  // namespace usage::testing
