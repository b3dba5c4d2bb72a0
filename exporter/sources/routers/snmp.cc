#include "sources/routers/snmp.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "sources/routers/snmp_walk.h"

namespace usage {
namespace {

class SnmpRouter : public RouterSource {
 public:
  SnmpRouter(const RouterConfig& config, const Clock& clock) : config_(config), clock_(clock) {}

  RouterReading Poll(PollDepth depth) override {
    try {
      return Read(depth);
    } catch (const std::runtime_error& error) {
      session_.reset();
      throw std::runtime_error("router " + config_.name + " (SNMP): " + error.what());
    }
  }

 private:
  RouterReading Read(PollDepth depth) {
    deadline_ = std::chrono::steady_clock::now() + config_.timeout;
    if (session_ == nullptr) session_ = std::make_unique<SnmpSession>(config_, deadline_);
    SnmpDecoder decoder;
    RouterReading reading;
    const std::vector<SnmpCell> scalars = ReadScalars(depth);
    decoder.SetUpTime(scalars[kSysUpTime]);
    if (Wants(RouterTable::kHotspotActive)) {
      Append(decoder.HotspotRows(Walked(HotspotTable())), &reading);
    }
    if (Wants(RouterTable::kPppoeInterface) || depth == PollDepth::kAll) {
      ReadInterfaces(depth, &decoder, &reading);
    }
    if (Wants(RouterTable::kQueue)) Append(decoder.QueueRows(Walked(QueueTable())), &reading);
    reading.at = clock_.Now();
    reading.facts = depth == PollDepth::kAll ? decoder.Facts(scalars, Walked(ProcessorTable()))
                                             : decoder.Facts(scalars, SnmpTable(1));
    reading.bad_values = decoder.bad_values();
    return reading;
  }

  bool Wants(RouterTable table) const {
    return std::find(config_.tables.begin(), config_.tables.end(), table) != config_.tables.end();
  }

  static void Append(std::vector<RouterRow> rows, RouterReading* reading) {
    std::move(rows.begin(), rows.end(), std::back_inserter(reading->rows));
  }

  // The time since the start always: the sessions' times are counted from it.
  std::vector<SnmpCell> ReadScalars(PollDepth depth) {
    std::vector<SnmpOid> names = Scalars();
    if (depth == PollDepth::kRows) names.resize(kSysUpTime + 1);
    std::vector<SnmpCell> cells(kScalarCount);
    bool is_answered = false;
    session_->Get(names, [&](const std::vector<SnmpVariable>& answer) {
      is_answered = true;
      for (size_t i = 0; i < std::min(answer.size(), names.size()); ++i) {
        const SnmpValue& value = answer[i].value;
        cells[i] = {0, value.kind, value.number, std::string(value.bytes)};
      }
    });
    while (!is_answered) session_->Wait(deadline_);
    // Its tables would be empty, and all sessions seem to have gone.
    if (cells[kSysUpTime].kind == SnmpKind::kNothing) {
      throw std::runtime_error(
          "the router does not say its uptime; it is starting, or its community or user may not "
          "read all (/snmp community)");
    }
    return cells;
  }

  SnmpTable Walked(const SnmpTableSpec& spec) {
    std::vector<uint32_t>& cuts = cuts_[spec.name];
    SnmpTable table = WalkTable(*session_, spec, cuts, deadline_);
    cuts = CutsFor(table.Rows(spec.needed));
    return table;
  }

  void ReadInterfaces(PollDepth depth, SnmpDecoder* decoder, RouterReading* reading) {
    const bool is_detailed = depth == PollDepth::kAll;
    const SnmpTable table = Walked(is_detailed ? DetailedInterfaceTable() : InterfaceTable());
    if (is_detailed) reading->interfaces = decoder->Interfaces(table, config_.uplinks);
    if (!Wants(RouterTable::kPppoeInterface)) return;
    Append(decoder->PppoeRows(table, Walked(PppTable())), reading);
  }

  const RouterConfig config_;
  const Clock& clock_;
  std::unique_ptr<SnmpSession> session_;
  SnmpSession::Steady deadline_;
  std::map<std::string, std::vector<uint32_t>> cuts_;  // of a table's last walk
};

}  // namespace

std::unique_ptr<RouterSource> MakeSnmpRouter(const RouterConfig& config, const Clock& clock) {
  return std::make_unique<SnmpRouter>(config, clock);
}

}  // namespace usage
