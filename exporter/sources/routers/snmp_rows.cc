#include "sources/routers/snmp_rows.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "core/mac.h"
#include "core/utf8.h"
#include "sources/routers/subscriber_name.h"

namespace usage {
namespace {

constexpr size_t kLongestText =
    1024;  // bytes; a DisplayString has 255 (RFC 2579), names are longer

SnmpOid Under(const SnmpOid& prefix, std::initializer_list<unsigned long> rest) {
  SnmpOid oid = prefix;
  oid.insert(oid.end(), rest);
  return oid;
}

std::vector<SnmpOid> ColumnsOf(const SnmpOid& entry, std::initializer_list<unsigned long> numbers) {
  std::vector<SnmpOid> columns;
  for (unsigned long number : numbers) columns.push_back(Under(entry, {number}));
  return columns;
}

const SnmpOid kSystem = {1, 3, 6, 1, 2, 1, 1};
const SnmpOid kIfEntry = {1, 3, 6, 1, 2, 1, 2, 2, 1};
const SnmpOid kIfXEntry = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
const SnmpOid kStorageEntry = {1, 3, 6, 1, 2, 1, 25, 2, 3, 1};
const SnmpOid kProcessorEntry = {1, 3, 6, 1, 2, 1, 25, 3, 3, 1};
const SnmpOid kMikrotik = {1, 3, 6, 1, 4, 1, 14988, 1, 1};
const SnmpOid kSessionEntry = {1, 3, 6, 1, 4, 1, 9, 9, 150, 1, 1, 3, 1};
constexpr unsigned long kMainMemory = 65536;  // RouterOS's index of it in hrStorageTable

namespace hotspot {
enum { kUser, kAddress, kMac, kUploaded, kDownloaded, kUpPackets, kDownPackets };
}
namespace queue {
enum { kName, kAddress, kMask, kUploaded, kDownloaded };
}
namespace ppp {
enum { kUser, kAddress };
}
namespace interface {
enum {
  kName,
  kIn,
  kOut,
  kInPackets,
  kOutPackets,
  kLastChange,
  kOperStatus,
  kInDiscards,
  kInErrors,
  kOutDiscards,
  kOutErrors,
  kLinkDowns
};
}

SnmpTableSpec InterfaceSpec(bool is_detailed) {
  SnmpTableSpec spec{"interfaces", ColumnsOf(kIfXEntry, {1, 6, 10, 7, 11}), {0, 1, 2}};
  spec.columns.push_back(Under(kIfEntry, {9}));
  if (!is_detailed) return spec;
  for (unsigned long column : {8, 13, 14, 19, 20}) {
    spec.columns.push_back(Under(kIfEntry, {column}));
  }
  spec.columns.push_back(Under(kMikrotik, {14, 1, 1, 90}));
  return spec;
}

// The fields of one row. What is of another type than it should be is counted.
class Fields {
 public:
  Fields(const SnmpRow& row, uint64_t* bad_values) : row_(row), bad_values_(bad_values) {}

  std::optional<uint64_t> Count(size_t column) {
    const SnmpCell* cell = At(column);
    if (cell == nullptr) return std::nullopt;
    if (cell->kind == SnmpKind::kUnsigned) return cell->number;
    return Bad<std::optional<uint64_t>>();
  }

  std::optional<int64_t> Integer(size_t column) {
    const SnmpCell* cell = At(column);
    if (cell == nullptr) return std::nullopt;
    const auto number = static_cast<int64_t>(cell->number);
    const bool is_sane = cell->kind == SnmpKind::kInteger && number == static_cast<int32_t>(number);
    return is_sane ? number : Bad<std::optional<int64_t>>();
  }

  std::string Text(size_t column) {
    const SnmpCell* cell = At(column);
    if (cell == nullptr) return "";
    const bool is_text = cell->kind == SnmpKind::kBytes && cell->bytes.size() <= kLongestText &&
                         cell->bytes.find('\0') == std::string::npos;
    return is_text ? RepairedUtf8(cell->bytes) : Bad<std::string>();
  }

  // Six bytes, as the MIB says, or text.
  uint64_t Mac(size_t column) {
    const SnmpCell* cell = At(column);
    if (cell == nullptr) return 0;
    if (cell->kind != SnmpKind::kBytes) return Bad<uint64_t>();
    if (cell->bytes.size() != 6) return ParseMac(cell->bytes).value_or(0);
    uint64_t mac = 0;
    for (char c : cell->bytes) mac = mac << 8 | static_cast<unsigned char>(c);
    return mac;
  }

  // "" for 0.0.0.0, which stands for none.
  std::string Address(size_t column) {
    const SnmpCell* cell = At(column);
    if (cell == nullptr) return "";
    if (cell->kind != SnmpKind::kAddress || cell->bytes.size() != 4) return Bad<std::string>();
    std::array<unsigned, 4> byte{};
    std::transform(cell->bytes.begin(), cell->bytes.end(), byte.begin(),
                   [](char c) { return static_cast<unsigned char>(c); });
    if (byte == std::array<unsigned, 4>{}) return "";
    char text[16];
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    return text;
  }

 private:
  const SnmpCell* At(size_t column) const {
    return column < row_.cells.size() ? row_.cells[column] : nullptr;
  }

  template <typename T>
  T Bad() {
    ++*bad_values_;
    return T();
  }

  const SnmpRow& row_;
  uint64_t* bad_values_;
};

RouterRow RowOf(RouterTable table, Access access) {
  RouterRow row;
  row.table = table;
  row.access = access;
  return row;
}

// The addresses by user; "" of a user who is on more than once.
using AddressOfUser = std::map<std::string, std::string, std::less<>>;

AddressOfUser AddressesOf(const SnmpTable& table, uint64_t* bad_values) {
  AddressOfUser addresses;
  for (const SnmpRow& row : table.Rows(PppTable().needed)) {
    Fields fields(row, bad_values);
    auto [at, is_new] = addresses.emplace(fields.Text(ppp::kUser), fields.Address(ppp::kAddress));
    if (!is_new) at->second.clear();
  }
  return addresses;
}

// A second session of `bob` has the interface <pppoe-bob-1>, as a user `bob-1` has: who is on
// tells.
std::string UserOfInterface(std::string_view user, const AddressOfUser& known) {
  if (known.contains(user)) return std::string(user);
  const std::string_view without = WithoutSessionNumber(user);
  return std::string(known.contains(without) ? without : user);
}

bool NameQueue(const std::string& name, RouterRow* row) {
  const std::optional<SubscriberName> subscriber = ParseSubscriberName(name);
  if (!subscriber) return false;
  row->access = subscriber->access;
  row->user = subscriber->user;
  row->mac = subscriber->mac;
  return true;
}

std::optional<double> MeanLoad(const SnmpTable& processors, uint64_t* bad_values) {
  double sum = 0;
  int count = 0;
  for (const SnmpRow& row : processors.Rows(ProcessorTable().needed)) {
    std::optional<int64_t> percent = Fields(row, bad_values).Integer(0);
    if (!percent || *percent < 0 || *percent > 100) continue;
    sum += static_cast<double>(*percent) / 100;
    ++count;
  }
  return count > 0 ? std::optional(sum / count) : std::nullopt;
}

// In bytes. hrStorage counts in units (RFC 2790).
std::optional<uint64_t> InBytes(std::optional<int64_t> units, std::optional<int64_t> unit) {
  const bool is_sane = units && unit && *units >= 0 && *unit > 0;
  if (!is_sane) return std::nullopt;
  return static_cast<uint64_t>(*units) * static_cast<uint64_t>(*unit);
}

void SetMemory(Fields& fields, RouterFacts* facts) {
  const auto unit = fields.Integer(kMemoryUnit);
  facts->total_memory = InBytes(fields.Integer(kMemorySize), unit);
  const auto used = InBytes(fields.Integer(kMemoryUsed), unit);
  if (facts->total_memory && used && *used <= *facts->total_memory) {
    facts->free_memory = *facts->total_memory - *used;
  }
}

RouterInterface InterfaceOf(const std::string& name, Fields& fields) {
  RouterInterface made;
  made.name = name;
  if (auto status = fields.Integer(interface::kOperStatus)) made.running = *status == 1;  // up
  made.receive_bytes = fields.Count(interface::kIn);
  made.transmit_bytes = fields.Count(interface::kOut);
  made.receive_drops = fields.Count(interface::kInDiscards);
  made.receive_errors = fields.Count(interface::kInErrors);
  made.transmit_drops = fields.Count(interface::kOutDiscards);
  made.transmit_errors = fields.Count(interface::kOutErrors);
  made.link_downs = fields.Count(interface::kLinkDowns);
  return made;
}

// "RouterOS RB4011iGS+" of a router that does not say its board otherwise.
std::string BoardIn(const std::string& description) {
  constexpr std::string_view kBefore = "RouterOS ";
  return description.starts_with(kBefore) ? description.substr(kBefore.size()) : "";
}

}  // namespace

const SnmpTableSpec& HotspotTable() {
  static const SnmpTableSpec spec{"hotspot active users",
                                  ColumnsOf(Under(kMikrotik, {5, 1, 1}), {3, 5, 6, 12, 13, 14, 15}),
                                  {hotspot::kUser, hotspot::kUploaded, hotspot::kDownloaded}};
  return spec;
}

// Not the packets: they are of 32 bits here.
const SnmpTableSpec& QueueTable() {
  static const SnmpTableSpec spec{"simple queues",
                                  ColumnsOf(Under(kMikrotik, {2, 1, 1}), {2, 3, 4, 8, 9}),
                                  {queue::kName, queue::kUploaded, queue::kDownloaded}};
  return spec;
}

const SnmpTableSpec& PppTable() {
  static const SnmpTableSpec spec{"PPP sessions", ColumnsOf(kSessionEntry, {2, 3}), {ppp::kUser}};
  return spec;
}

const SnmpTableSpec& InterfaceTable() {
  static const SnmpTableSpec spec = InterfaceSpec(false);
  return spec;
}

const SnmpTableSpec& DetailedInterfaceTable() {
  static const SnmpTableSpec spec = InterfaceSpec(true);
  return spec;
}

const SnmpTableSpec& ProcessorTable() {
  static const SnmpTableSpec spec{"processors", ColumnsOf(kProcessorEntry, {2}), {0}};
  return spec;
}

const std::vector<SnmpOid>& Scalars() {
  static const std::vector<SnmpOid> scalars = {
      Under(kSystem, {3, 0}),
      Under(kSystem, {5, 0}),
      Under(kSystem, {1, 0}),
      Under(kMikrotik, {4, 4, 0}),
      Under(kMikrotik, {7, 9, 0}),
      Under(kStorageEntry, {4, kMainMemory}),
      Under(kStorageEntry, {5, kMainMemory}),
      Under(kStorageEntry, {6, kMainMemory}),
  };
  return scalars;
}

void SnmpDecoder::SetUpTime(const SnmpCell& cell) {
  const SnmpRow row{0, {cell.kind == SnmpKind::kNothing ? nullptr : &cell}};
  up_ticks_ = Fields(row, &bad_values_).Count(0);
  if (up_ticks_.value_or(0) <= std::numeric_limits<uint32_t>::max()) return;
  up_ticks_.reset();  // no TimeTicks
  ++bad_values_;
}

// Of ifLastChange. 0 is what RouterOS says of an interface that it keeps no time of.
std::optional<Duration> SnmpDecoder::SinceTick(std::optional<uint64_t> tick) const {
  if (!up_ticks_ || !tick || *tick == 0 || *tick > *up_ticks_) return std::nullopt;
  return std::chrono::milliseconds((*up_ticks_ - *tick) * 10);
}

std::vector<RouterRow> SnmpDecoder::HotspotRows(const SnmpTable& table) {
  std::vector<RouterRow> rows;
  for (const SnmpRow& row : table.Rows(HotspotTable().needed)) {
    Fields fields(row, &bad_values_);
    RouterRow made = RowOf(RouterTable::kHotspotActive, Access::kHotspot);
    made.user = fields.Text(hotspot::kUser);
    made.address = fields.Address(hotspot::kAddress);
    made.mac = fields.Mac(hotspot::kMac);
    made.upload = fields.Count(hotspot::kUploaded);
    made.download = fields.Count(hotspot::kDownloaded);
    made.upload_packets = fields.Count(hotspot::kUpPackets);
    made.download_packets = fields.Count(hotspot::kDownPackets);
    rows.push_back(std::move(made));
  }
  return rows;
}

std::vector<RouterRow> SnmpDecoder::QueueRows(const SnmpTable& table) {
  std::vector<RouterRow> rows;
  for (const SnmpRow& row : table.Rows(QueueTable().needed)) {
    Fields fields(row, &bad_values_);
    RouterRow made = RowOf(RouterTable::kQueue, Access::kHotspot);
    if (!NameQueue(fields.Text(queue::kName), &made)) continue;
    // A queue of a network is of no one subscriber.
    if (fields.Address(queue::kMask) == "255.255.255.255") {
      made.address = fields.Address(queue::kAddress);
    }
    made.upload = fields.Count(queue::kUploaded);
    made.download = fields.Count(queue::kDownloaded);
    rows.push_back(std::move(made));
  }
  return rows;
}

std::vector<RouterRow> SnmpDecoder::PppoeRows(const SnmpTable& interfaces, const SnmpTable& ppp) {
  const AddressOfUser known = AddressesOf(ppp, &bad_values_);
  std::vector<RouterRow> rows;
  for (const SnmpRow& row : interfaces.Rows(InterfaceTable().needed)) {
    Fields fields(row, &bad_values_);
    const std::string name = fields.Text(interface::kName);
    const std::optional<SubscriberName> subscriber = ParseSubscriberName(name);
    if (!subscriber || subscriber->access != Access::kPppoe) continue;
    RouterRow made = RowOf(RouterTable::kPppoeInterface, Access::kPppoe);
    made.user = UserOfInterface(subscriber->user, known);
    if (auto at = known.find(made.user); at != known.end()) made.address = at->second;
    made.uptime = SinceTick(fields.Count(interface::kLastChange));
    made.upload = fields.Count(interface::kIn);
    made.download = fields.Count(interface::kOut);
    made.upload_packets = fields.Count(interface::kInPackets);
    made.download_packets = fields.Count(interface::kOutPackets);
    rows.push_back(std::move(made));
  }
  return rows;
}

std::vector<RouterInterface> SnmpDecoder::Interfaces(const SnmpTable& interfaces,
                                                     const std::vector<std::string>& wanted) {
  std::vector<RouterInterface> made;
  for (const SnmpRow& row : interfaces.Rows(InterfaceTable().needed)) {
    Fields fields(row, &bad_values_);
    const std::string name = fields.Text(interface::kName);
    const bool is_wanted = wanted.empty()
                               ? !name.empty() && !IsDynamicName(name)
                               : std::find(wanted.begin(), wanted.end(), name) != wanted.end();
    if (is_wanted) made.push_back(InterfaceOf(name, fields));
  }
  return made;
}

RouterFacts SnmpDecoder::Facts(const std::vector<SnmpCell>& scalars, const SnmpTable& processors) {
  SnmpRow row;
  for (const SnmpCell& cell : scalars) {
    row.cells.push_back(cell.kind == SnmpKind::kNothing ? nullptr : &cell);
  }
  Fields fields(row, &bad_values_);
  RouterFacts facts;
  if (up_ticks_) facts.uptime = std::chrono::milliseconds(*up_ticks_ * 10);
  facts.identity = fields.Text(kSysName);
  facts.version = fields.Text(kLicenseVersion);
  facts.board = fields.Text(kBoardName);
  if (facts.board.empty()) facts.board = BoardIn(fields.Text(kSysDescr));
  SetMemory(fields, &facts);
  facts.cpu_load = MeanLoad(processors, &bad_values_);
  return facts;
}

}  // namespace usage
