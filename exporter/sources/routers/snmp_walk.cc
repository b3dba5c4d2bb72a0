#include "sources/routers/snmp_walk.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace usage {
namespace {

// An answer of so many fits in one Ethernet frame, mostly: routers' firewalls drop fragments.
constexpr size_t kVariablesAnswered = 48;
constexpr size_t kLanes = 4;
constexpr size_t kFewestRowsOfLane = 32;
// A walk of a router that has lost its way ends.
constexpr size_t kMostRows = 100'000;

struct Column {
  size_t number = 0;  // in the table
  SnmpOid at;         // the last name that was answered
};

// A part of the indexes: behind the one that its columns begin at, to `last`.
struct Lane {
  std::vector<Column> columns;  // those that are not at their end yet
  uint32_t last = std::numeric_limits<uint32_t>::max();
};

bool IsBehind(SnmpName name, const SnmpOid& at) {
  return std::lexicographical_compare(at.begin(), at.end(), name.begin(), name.end());
}

class Walk {
 public:
  Walk(SnmpSession& session, const SnmpTableSpec& spec)
      : session_(session), spec_(spec), table_(spec.columns.size()) {}

  void AddLane(std::optional<uint32_t> behind, uint32_t last) {
    Lane lane{{}, last};
    for (size_t i = 0; i < spec_.columns.size(); ++i) {
      SnmpOid at = spec_.columns[i];
      if (behind) at.push_back(*behind);
      lane.columns.push_back({i, std::move(at)});
    }
    lanes_.push_back(std::move(lane));
  }

  SnmpTable Run(SnmpSession::Steady deadline) {
    for (Lane& lane : lanes_) Ask(&lane);
    while (waiting_ > 0) session_.Wait(deadline);
    return std::move(table_);
  }

  size_t rows() const { return table_.size(); }

 private:
  void Ask(Lane* lane) {
    std::vector<SnmpOid> names;
    for (const Column& column : lane->columns) names.push_back(column.at);
    const size_t repetitions = std::max<size_t>(1, kVariablesAnswered / names.size());
    session_.GetBulk(names, static_cast<int>(repetitions),
                     [this, lane](const std::vector<SnmpVariable>& answer) { Take(lane, answer); });
    ++waiting_;
  }

  // Variables come row by row, each row in the order in which its columns were asked for.
  void Take(Lane* lane, const std::vector<SnmpVariable>& answer) {
    --waiting_;
    if (answer.empty()) throw std::runtime_error("the router answered without any value");
    std::vector<bool> has_ended(lane->columns.size());
    for (size_t i = 0; i < answer.size(); ++i) {
      const size_t column = i % has_ended.size();
      if (has_ended[column]) continue;
      has_ended[column] = !TakeCell(&lane->columns[column], lane->last, answer[i]);
    }
    Forget(has_ended, &lane->columns);
    if (table_.size() > kMostRows) {
      throw std::runtime_error("there are more than " + std::to_string(kMostRows) + " rows");
    }
    if (!lane->columns.empty()) Ask(lane);
  }

  // False at the column's end in this lane.
  bool TakeCell(Column* column, uint32_t last, const SnmpVariable& variable) {
    const SnmpOid& prefix = spec_.columns[column->number];
    const bool is_inside = variable.value.kind != SnmpKind::kNothing &&
                           variable.name.size() > prefix.size() &&
                           std::equal(prefix.begin(), prefix.end(), variable.name.begin());
    if (!is_inside || variable.name[prefix.size()] > last) return false;
    if (!IsBehind(variable.name, column->at)) {
      throw std::runtime_error("the router's answers go backwards; its software needs an update");
    }
    column->at.assign(variable.name.begin(), variable.name.end());
    const std::optional<uint32_t> index = IndexIn(prefix, variable.name);
    if (index) table_.Put(column->number, *index, variable.value);
    return true;
  }

  static void Forget(const std::vector<bool>& has_ended, std::vector<Column>* columns) {
    size_t number = 0;
    std::erase_if(*columns, [&](const Column&) { return has_ended[number++]; });
  }

  SnmpSession& session_;
  const SnmpTableSpec& spec_;
  SnmpTable table_;
  std::vector<Lane> lanes_;  // all added before the first is asked: requests have their addresses
  int waiting_ = 0;
};

}  // namespace

SnmpTable WalkTable(SnmpSession& session, const SnmpTableSpec& spec,
                    const std::vector<uint32_t>& cuts, SnmpSession::Steady deadline) {
  Walk walk(session, spec);
  std::optional<uint32_t> behind;
  for (uint32_t cut : cuts) {
    walk.AddLane(behind, cut);
    behind = cut;
  }
  walk.AddLane(behind, std::numeric_limits<uint32_t>::max());
  try {
    return walk.Run(deadline);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(error.what()) + " (in the table of " + spec.name +
                             ", after " + std::to_string(walk.rows()) + " rows)");
  }
}

std::vector<uint32_t> CutsFor(const std::vector<SnmpRow>& rows) {
  const size_t lanes = std::clamp<size_t>(rows.size() / kFewestRowsOfLane, 1, kLanes);
  std::vector<uint32_t> cuts;
  for (size_t i = 1; i < lanes; ++i) cuts.push_back(rows[rows.size() * i / lanes].index);
  return cuts;
}

}  // namespace usage
