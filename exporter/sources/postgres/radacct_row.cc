#include "sources/postgres/radacct_row.h"

#include <algorithm>

#include "core/mac.h"
#include "sources/postgres/row_values.h"

namespace usage {
namespace {

using std::chrono::seconds;

// A Stop that ends so long after start + session time was sent late, and stamped on arrival.
constexpr seconds kLateStop{60};
// NAS and server round to seconds, each in its own way.
constexpr seconds kRounding{1};
// A Start so soon after the Stop is the same session's, sent twice.
constexpr seconds kRepeatedStart{60};

std::optional<Instant> TimeOf(std::optional<int64_t> timestamp, CaseSet& cases) {
  const auto micros = PossibleTime(timestamp, cases);
  if (!micros) return std::nullopt;
  return FromUnixMicros(*micros);
}

// What the columns say, before it is judged.
struct Columns {
  std::optional<Instant> start, update, stop;
  std::optional<seconds> time;
  std::optional<int64_t> interval;
  bool has_stop = false;  // also one that cannot be

  // A Start was the last to write: nothing else sets both.
  bool EndsWithStart() const { return start && update == start; }
  bool HasTime() const { return time && time->count() > 0; }
};

Columns ReadColumns(PgFields& fields, CaseSet& cases) {
  Columns row;
  row.start = TimeOf(fields.Timestamp(), cases);
  row.update = TimeOf(fields.Timestamp(), cases);
  const auto stop = fields.Timestamp();
  row.has_stop = stop.has_value();
  row.stop = TimeOf(stop, cases);
  // Up to 100 years: what is more would overflow, and is none.
  const auto time = fields.Int8();
  if (time && *time >= 0 && *time < 3'155'760'000) row.time = seconds(*time);
  row.interval = fields.Int8();
  return row;
}

// In the order of WhereList.
Whereabouts ReadWhere(PgFields& fields) {
  const auto text = [&fields] { return std::string(fields.Text().value_or("")); };
  Whereabouts where;
  where.user = text();
  where.mac = ParseMac(text()).value_or(0);
  where.address = text();
  where.session_id = text();
  where.nas = text();
  return where;
}

std::string WhereList(const TableFacts& table) {
  std::string list;
  for (const char* column :
       {"username", "callingstationid", "framedipaddress", "acctsessionid", "nasipaddress"}) {
    list += ", " + TextIfThere(table, "r", column);
  }
  return list;
}

class Judge {
 public:
  Judge(const Columns& row, DecodedRow& decoded)
      : row_(row), seen_(decoded.observation), cases_(decoded.cases) {}

  void Run() {
    seen_.open = !row_.has_stop;
    seen_.started = row_.start;
    seen_.stamp = row_.stop ? row_.stop : row_.update ? row_.update : row_.start;
    seen_.stopped = row_.stop;
    if (IsReopened()) {
      Reopen();
    } else if (IsRestarted()) {
      Restart();
    } else {
      DateBackStop();
      DateBackStart();
    }
  }

 private:
  // The id of a session that has ended comes again. Only its Stop will write the row again.
  bool IsReopened() const { return row_.stop && row_.EndsWithStart() && *row_.start > *row_.stop; }

  // The counters are yet those of the session that ended. The new one shows by its start, which
  // goes with its first counters: at its Stop.
  void Reopen() {
    seen_.started.reset();
    if (*row_.start - *row_.stop <= kRepeatedStart) return DateBackStart();
    seen_.open = true;
    seen_.stopped.reset();
  }

  // The id of a session whose Stop was lost comes again: a Start came after an interim. The
  // first interim of a session whose Start was lost looks alike, but has no interval; nor has its
  // duplicate, whose interval is 0.
  bool IsRestarted() const {
    return seen_.open && row_.EndsWithStart() && row_.HasTime() && row_.interval.value_or(0) > 0;
  }

  // As above: the counters were taken before this start.
  void Restart() {
    seen_.started.reset();
    seen_.stamp = *row_.start - kRounding;
  }

  void DateBackStop() {
    if (!seen_.stopped || !row_.start || !row_.HasTime()) return;
    const Instant end = *row_.start + *row_.time;
    if (*seen_.stopped - end <= kLateStop) return;
    seen_.stopped = seen_.stamp = end;
    cases_.Add(SourceCase::kStopWithoutStamp);
  }

  void DateBackStart() {
    if (!seen_.stamp || !row_.HasTime()) return;
    const Instant start = *seen_.stamp - *row_.time;
    if (seen_.started && *seen_.started <= start + kRounding) return;
    if (seen_.open && row_.EndsWithStart()) cases_.Add(SourceCase::kLostStart);
    seen_.started = start;
  }

  const Columns& row_;
  Observation& seen_;
  CaseSet& cases_;
};

}  // namespace

std::vector<ColumnWish> RadacctRow::Columns() {
  return {{"radacctid", ColumnKind::kInteger},       {"acctuniqueid", ColumnKind::kText},
          {"acctstarttime", ColumnKind::kInstant},   {"acctupdatetime", ColumnKind::kInstant},
          {"acctstoptime", ColumnKind::kInstant},    {"acctsessiontime", ColumnKind::kInteger},
          {"acctinputoctets", ColumnKind::kInteger}, {"acctoutputoctets", ColumnKind::kInteger}};
}

std::string RadacctRow::KeyExpression(const RadacctPart& part, const ReadSession& session) {
  if (part.schema.empty()) return "r.acctuniqueid::text";
  return session.Literal(part.schema + "/") + " || r.acctuniqueid";
}

std::string RadacctRow::SelectList(const RadacctConfig& config, const RadacctPart& part,
                                   size_t number, const ReadSession& session) {
  const std::string interval =
      part.table.columns.count("acctinterval") ? "r.acctinterval::int8" : "NULL::int8";
  const std::string tenant =
      part.tenant ? session.Literal(*part.tenant) : "(" + config.tenant_sql + ")";
  return KeyExpression(part, session) + ", " + std::to_string(number) +
         "::int8, r.radacctid::int8, r.acctstarttime, r.acctupdatetime, r.acctstoptime,"
         " r.acctsessiontime::int8, " +
         interval + ", r.acctinputoctets::int8, r.acctoutputoctets::int8, " + tenant + "::text, (" +
         config.subscriber_sql + ")::text, (" + config.access_sql + ")::text" +
         (config.with_whereabouts ? WhereList(part.table) : "");
}

DecodedRow RadacctRow::Decode(const RadacctConfig& config, std::string_view key,
                              std::string_view content) {
  DecodedRow decoded;
  Observation& seen = decoded.observation;
  PgFields fields(content);
  const struct Columns columns = ReadColumns(fields, decoded.cases);
  seen.key = TextOf(key, decoded.cases);
  // Input is what came from the user (RFC 2866, 5.3): upload.
  seen.upload = Counter(fields.Int8(), decoded.cases);
  seen.download = Counter(fields.Int8(), decoded.cases);
  seen.tenant = TextOf(fields.Text(), decoded.cases);
  seen.subscriber = TextOf(fields.Text(), decoded.cases);
  seen.access = AccessOf(fields.Text(), decoded.cases);
  if (config.with_whereabouts) seen.where = ReadWhere(fields);
  Judge(columns, decoded).Run();
  return decoded;
}

}  // namespace usage
