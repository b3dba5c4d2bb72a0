#include "sources/postgres/radacct_table.h"

#include <algorithm>
#include <utility>

#include "sources/postgres/key_lists.h"
#include "sources/postgres/radacct_catalogue.h"

namespace usage {
namespace {

constexpr size_t kKeysAtOnce = 5000;

// The key without its schema, and the schema; "" where the table is the only one.
std::pair<std::string_view, std::string_view> SplitKey(std::string_view key, bool has_schemas) {
  const size_t slash = has_schemas ? key.find('/') : std::string_view::npos;
  if (slash == std::string_view::npos) return {"", key};
  return {key.substr(0, slash), key.substr(slash + 1)};
}

}  // namespace

RadacctTable::RadacctTable(const RadacctConfig& config, ReadSession& session)
    : config_(config), session_(session) {}

void RadacctTable::SetParts(std::vector<RadacctPart> parts) {
  std::vector<Part> next;
  for (RadacctPart& part : parts) {
    Part& added = next.emplace_back();
    static_cast<RadacctPart&>(added) = std::move(part);
    for (const Part& known : parts_) {
      if (known.schema == added.schema) added.open_scan = known.open_scan;
    }
  }
  parts_ = std::move(next);
}

void RadacctTable::Begin(Instant read_at) {
  const bool was_ended = !std::exchange(is_reading_, true);
  session_.Begin();
  read_at_ = read_at;
  const bool is_same = std::exchange(connection_, session_.connections()) == session_.connections();
  if (!was_ended || !is_same) horizon_.reset();
}

void RadacctTable::End() {
  session_.End();
  horizon_ = session_.horizon();
  is_reading_ = false;
  for (auto& [schema, cursor] : cursors_) cursor.Pass(read_at_);
}

void RadacctTable::EndOfSome() {
  session_.End();
  is_reading_ = false;
}

std::string RadacctTable::Select(size_t number) const {
  const Part& part = parts_[number];
  return "SELECT " + RadacctRow::SelectList(config_, part, number, session_) + " FROM " +
         part.table.name + " r WHERE ";
}

template <typename Condition>
std::string RadacctTable::UnionOf(const Condition& condition) const {
  std::string query;
  for (size_t number = 0; number < parts_.size(); ++number) {
    const std::string select = condition(number);
    if (!select.empty()) query += (query.empty() ? "" : " UNION ALL ") + select;
  }
  return query;
}

// Rows whose version is of a transaction that was not finished at the snapshot before.
std::string RadacctTable::ChangedCondition() const {
  return "age(r.xmin) <= (SELECT age('" + std::to_string(*horizon_) + "'::xid))";
}

bool RadacctTable::CanCompareVersions() const {
  return horizon_.has_value() && std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
           return part.table.HasVersions();
         });
}

// When a part is not due, the tracker reads its open rows that it knows by key.
void RadacctTable::VisitOpen(Scope scope, const Visit& visit) {
  std::vector<bool> is_due;
  for (Part& part : parts_) {
    is_due.push_back(part.open_scan.IsDue(part.table, HasOpenIndex(part.table), read_at_));
  }
  const bool has_all = scope == Scope::kAll || !CanCompareVersions();
  VisitRows(UnionOf([&](size_t number) {
              if (!is_due[number]) return std::string();
              return Select(number) + "r.acctstoptime IS NULL" +
                     (has_all ? "" : " AND " + ChangedCondition());
            }),
            visit);
  if (!has_all) VisitUnchangedKeys(is_due, visit);
}

void RadacctTable::VisitUnchangedKeys(const std::vector<bool>& is_due, const Visit& visit) {
  const std::string query = UnionOf([&](size_t number) {
    if (!is_due[number]) return std::string();
    return "SELECT " + RadacctRow::KeyExpression(parts_[number], session_) + " FROM " +
           parts_[number].table.name + " r WHERE r.acctstoptime IS NULL AND NOT " +
           ChangedCondition();
  });
  if (query.empty()) return;
  session_.CopyOut(query, [&](PgFields fields) { visit({fields.Text().value_or(""), {}}); });
}

void RadacctTable::VisitArrived(Scope scope, const Visit& visit) {
  if (scope == Scope::kAll) LearnNumbers();
  const bool has_all = scope == Scope::kAll || !CanCompareVersions();
  VisitRows(UnionOf([&](size_t number) {
              const auto cursor = cursors_.find(parts_[number].schema);
              if (cursor == cursors_.end()) return std::string();
              return Select(number) + "r.radacctid > " + std::to_string(cursor->second.after()) +
                     " AND r.acctstoptime IS NOT NULL" +
                     (has_all ? "" : " AND " + ChangedCondition());
            }),
            visit);
}

// Of a table that is read for the first time, what is there now is history. One whose numbers have
// fallen was emptied, and counts anew.
void RadacctTable::LearnNumbers() {
  const std::string query = UnionOf([&](size_t number) {
    return "SELECT " + std::to_string(number) + ", coalesce(max(r.radacctid), 0) FROM " +
           parts_[number].table.name + " r";
  });
  if (query.empty()) return;
  for (const auto& row : session_.Query(query)) {
    const std::string& schema = parts_[std::stoul(*row[0])].schema;
    const int64_t newest = std::stoll(*row[1]);
    const auto known = cursors_.try_emplace(schema, newest).first;
    if (newest < known->second.after()) known->second = RadacctCursor(newest);
  }
}

void RadacctTable::VisitRows(const std::string& query, const Visit& visit) {
  if (query.empty()) return;
  session_.CopyOut(query, [&](PgFields fields) {
    const std::string_view key = fields.Text().value_or("");
    const auto part = static_cast<size_t>(fields.Int8().value_or(0));
    const auto cursor = cursors_.find(parts_[part].schema);
    if (const auto id = fields.Int8(); id && cursor != cursors_.end()) cursor->second.Saw(*id);
    visit({key, fields.rest()});
  });
}

void RadacctTable::VisitKeys(std::span<const std::string> keys, const Visit& visit) {
  while (!keys.empty()) {
    const auto some = keys.first(std::min(kKeysAtOnce, keys.size()));
    VisitSomeKeys(some, visit);
    keys = keys.subspan(some.size());
  }
}

void RadacctTable::VisitSomeKeys(std::span<const std::string> keys, const Visit& visit) {
  const bool has_schemas = !parts_.empty() && !parts_.front().schema.empty();
  std::map<std::string_view, std::vector<std::string>> ids;  // by schema
  for (const std::string& key : keys) {
    const auto [schema, id] = SplitKey(key, has_schemas);
    ids[schema].emplace_back(id);
  }
  VisitRows(UnionOf([&](size_t number) {
              const auto found = ids.find(parts_[number].schema);
              if (found == ids.end()) return std::string();
              return Select(number) + "r.acctuniqueid = ANY (" +
                     session_.Literal(ArrayLiteral(found->second)) + "::text[])";
            }),
            visit);
}

std::string RadacctTable::Cursor() const {
  RadacctNumbers numbers;
  for (const auto& [schema, cursor] : cursors_) numbers[schema] = cursor.after();
  return FormatRadacctNumbers(numbers);
}

void RadacctTable::SetCursor(const std::string& cursor) {
  for (const auto& [schema, number] : ParseRadacctNumbers(cursor).value_or(RadacctNumbers())) {
    cursors_.insert_or_assign(schema, RadacctCursor(number));
  }
}

bool RadacctTable::Covers(std::string_view key) const {
  const bool has_schemas = !parts_.empty() && !parts_.front().schema.empty();
  const std::string_view schema = SplitKey(key, has_schemas).first;
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.schema == schema; });
}

DecodedRow RadacctTable::Decode(const TableRow& row) const {
  return RadacctRow::Decode(config_, row.key, row.content);
}

}  // namespace usage
