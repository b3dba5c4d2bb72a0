#include "sim/routers/mib_view.h"

#include <algorithm>

#include "core/mac.h"

namespace usage::sim {
namespace {

const MibOid kSystem = {1, 3, 6, 1, 2, 1, 1};
const MibOid kIfEntry = {1, 3, 6, 1, 2, 1, 2, 2, 1};
const MibOid kIfXEntry = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1};
const MibOid kStorageEntry = {1, 3, 6, 1, 2, 1, 25, 2, 3, 1};
const MibOid kProcessorEntry = {1, 3, 6, 1, 2, 1, 25, 3, 3, 1};
const MibOid kMikrotik = {1, 3, 6, 1, 4, 1, 14988, 1, 1};
const MibOid kSessionEntry = {1, 3, 6, 1, 4, 1, 9, 9, 150, 1, 1, 3, 1};

// As recorded from routers: dynamic interfaces from 0xf00000 on, dynamic queues above 0x1000000,
// the hotspot's rows by their address.
constexpr uint32_t kFirstInterface = 0xf00000;
constexpr uint32_t kFirstQueue = 0x1000000;
constexpr int kMemoryUnit = 1024;

MibOid Under(const MibOid& prefix, std::initializer_list<uint32_t> rest) {
  MibOid oid = prefix;
  oid.insert(oid.end(), rest);
  return oid;
}

bool IsUnder(const MibOid& prefix, const MibOid& name) {
  return name.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), name.begin());
}

uint32_t Ticks(std::chrono::seconds time) { return static_cast<uint32_t>(time.count() * 100); }

// "10.0.0.7"; 0 where it is no IPv4 address.
uint32_t AddressNumber(const std::string& text) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (std::sscanf(text.c_str(), "%3u.%3u.%3u.%3u", &a, &b, &c, &d) != 4) return 0;
  return a << 24 | b << 16 | c << 8 | d;
}

std::string MacBytes(uint64_t mac) {
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) bytes += static_cast<char>(mac >> shift & 0xff);
  return bytes;
}

std::string DynamicName(const ModelSession& session) {
  const char* kind = session.access == Access::kPppoe ? "<pppoe-" : "<hotspot-";
  return kind + session.user + ">";
}

uint32_t Low(const std::optional<uint64_t>& value) {
  return static_cast<uint32_t>(value.value_or(0));  // Counter32 wraps
}

}  // namespace

std::vector<uint32_t> SessionNumbers::For(const ModelState& state) {
  std::map<Key, uint32_t> now;
  std::vector<uint32_t> numbers;
  for (const ModelSession& session : state.sessions) {
    Key key(session.access, session.user, session.session_id);
    auto known = numbers_.find(key);
    const uint32_t number = known == numbers_.end() ? ++last_ : known->second;
    now.emplace(std::move(key), number);
    numbers.push_back(number);
  }
  numbers_ = std::move(now);
  return numbers;
}

MibView::MibView(ModelState state, SessionNumbers* numbers) : state_(std::move(state)) {
  ArrangeSessions(numbers->For(state_));
  ArrangeInterfaces();
  AddSystem();
  AddInterfaces();
  AddHotspot();
  AddQueues();
  AddPpp();
  std::sort(columns_.begin(), columns_.end(),
            [](const Column& a, const Column& b) { return a.prefix < b.prefix; });
}

// Of two with one index the first is shown.
MibView::Sessions MibView::Ordered(std::vector<Session> sessions) {
  auto by_index = [](const Session& a, const Session& b) { return a.index < b.index; };
  std::stable_sort(sessions.begin(), sessions.end(), by_index);
  Sessions ordered;
  for (const Session& one : sessions) {
    if (!ordered.indexes.empty() && ordered.indexes.back() == one.index) continue;
    ordered.indexes.push_back(one.index);
    ordered.rows.push_back(one.session);
  }
  return ordered;
}

void MibView::ArrangeSessions(const std::vector<uint32_t>& numbers) {
  std::vector<Session> hotspot, ppp, queues;
  for (size_t i = 0; i < state_.sessions.size(); ++i) {
    const ModelSession& session = state_.sessions[i];
    if (session.access == Access::kPppoe) {
      ppp.push_back({kFirstInterface + numbers[i], &session});
    } else {
      hotspot.push_back({AddressNumber(session.address), &session});
    }
    queues.push_back({kFirstQueue + numbers[i], &session});
  }
  hotspot_ = Ordered(std::move(hotspot));
  ppp_ = Ordered(std::move(ppp));
  queues_ = Ordered(std::move(queues));
}

void MibView::ArrangeInterfaces() {
  for (const RouterInterface& uplink : state_.uplinks) {
    interface_indexes_.push_back(static_cast<uint32_t>(interfaces_.size()) + 1);
    Interface& made = interfaces_.emplace_back();
    made.name = uplink.name;
    made.in = uplink.receive_bytes.value_or(0);
    made.out = uplink.transmit_bytes.value_or(0);
    made.in_errors = Low(uplink.receive_errors);
    made.out_errors = Low(uplink.transmit_errors);
    made.in_drops = Low(uplink.receive_drops);
    made.out_drops = Low(uplink.transmit_drops);
    made.link_downs = Low(uplink.link_downs);
    made.is_up = uplink.running.value_or(true);
  }
  for (size_t i = 0; i < ppp_.rows.size(); ++i) {
    const ModelSession& session = *ppp_.rows[i];
    interface_indexes_.push_back(ppp_.indexes[i]);
    Interface& made = interfaces_.emplace_back();
    made.name = DynamicName(session);
    made.in = session.bytes.upload;
    made.out = session.bytes.download;
    made.in_packets = session.upload_packets;
    made.out_packets = session.download_packets;
    if (session.uptime <= state_.uptime) made.changed = Ticks(state_.uptime - session.uptime);
  }
}

void MibView::AddScalar(const MibOid& prefix, MibValue value) {
  columns_.push_back({prefix, &scalar_index_, [value](size_t) { return value; }});
}

template <typename Value>
void MibView::AddInterfaceColumn(const MibOid& prefix, Value value) {
  columns_.push_back({prefix, &interface_indexes_,
                      [this, value](size_t row) -> MibValue { return value(interfaces_[row]); }});
}

template <typename Value>
void MibView::AddSessionColumn(const MibOid& prefix, const Sessions& sessions, Value value) {
  columns_.push_back({prefix, &sessions.indexes, [&sessions, value](size_t row) -> MibValue {
                        return value(*sessions.rows[row]);
                      }});
}

void MibView::AddSystem() {
  AddScalar(Under(kSystem, {1}), "RouterOS " + state_.board);
  AddScalar(Under(kSystem, {2}), MibOid{1, 3, 6, 1, 4, 1, 14988, 1});
  AddScalar(Under(kSystem, {3}), MibTicks{Ticks(state_.uptime)});
  AddScalar(Under(kSystem, {5}), state_.identity);
  AddScalar(Under(kMikrotik, {4, 4}), state_.version);
  AddScalar(Under(kMikrotik, {7, 9}), state_.board);
  const auto total = static_cast<int32_t>(state_.total_memory / kMemoryUnit);
  const auto free = static_cast<int32_t>(state_.free_memory / kMemoryUnit);
  for (auto [column, value] : {std::pair(4u, kMemoryUnit), {5u, total}, {6u, total - free}}) {
    columns_.push_back({Under(kStorageEntry, {column}), &memory_index_,
                        [value = value](size_t) { return MibInteger{value}; }});
  }
  const auto load = static_cast<int32_t>(state_.cpu_load * 100 + 0.5);
  columns_.push_back({Under(kProcessorEntry, {2}), &processor_index_,
                      [load](size_t) { return MibInteger{load}; }});
}

void MibView::AddInterfaces() {
  auto add = [this](const MibOid& entry, uint32_t column, auto value) {
    AddInterfaceColumn(Under(entry, {column}), value);
  };
  add(kIfEntry, 2, [](const Interface& i) { return i.name; });
  add(kIfEntry, 8, [](const Interface& i) { return MibInteger{i.is_up ? 1 : 2}; });
  add(kIfEntry, 9, [](const Interface& i) { return MibTicks{i.changed}; });
  add(kIfEntry, 13, [](const Interface& i) { return MibCounter32{i.in_drops}; });
  add(kIfEntry, 14, [](const Interface& i) { return MibCounter32{i.in_errors}; });
  add(kIfEntry, 19, [](const Interface& i) { return MibCounter32{i.out_drops}; });
  add(kIfEntry, 20, [](const Interface& i) { return MibCounter32{i.out_errors}; });
  add(kIfXEntry, 1, [](const Interface& i) { return i.name; });
  add(kIfXEntry, 6, [](const Interface& i) { return MibCounter64{i.in}; });
  add(kIfXEntry, 7, [](const Interface& i) { return MibCounter64{i.in_packets}; });
  add(kIfXEntry, 10, [](const Interface& i) { return MibCounter64{i.out}; });
  add(kIfXEntry, 11, [](const Interface& i) { return MibCounter64{i.out_packets}; });
  add(Under(kMikrotik, {14, 1, 1}), 2, [](const Interface& i) { return i.name; });
  add(Under(kMikrotik, {14, 1, 1}), 90,
      [](const Interface& i) { return MibCounter32{i.link_downs}; });
}

void MibView::AddHotspot() {
  auto add = [this](uint32_t column, auto value) {
    AddSessionColumn(Under(kMikrotik, {5, 1, 1, column}), hotspot_, value);
  };
  add(3, [](const ModelSession& s) { return s.user; });
  add(5, [](const ModelSession& s) { return MibAddress{AddressNumber(s.address)}; });
  add(6, [](const ModelSession& s) { return MacBytes(s.mac); });
  add(12, [](const ModelSession& s) { return MibCounter64{s.bytes.upload}; });
  add(13, [](const ModelSession& s) { return MibCounter64{s.bytes.download}; });
  add(14, [](const ModelSession& s) { return MibCounter64{s.upload_packets}; });
  add(15, [](const ModelSession& s) { return MibCounter64{s.download_packets}; });
}

void MibView::AddQueues() {
  auto add = [this](uint32_t column, auto value) {
    AddSessionColumn(Under(kMikrotik, {2, 1, 1, column}), queues_, value);
  };
  add(2, [](const ModelSession& s) { return DynamicName(s); });
  add(3, [](const ModelSession& s) { return MibAddress{AddressNumber(s.address)}; });
  add(4, [](const ModelSession&) { return MibAddress{0xffffffff}; });
  add(8, [](const ModelSession& s) { return MibCounter64{s.bytes.upload}; });
  add(9, [](const ModelSession& s) { return MibCounter64{s.bytes.download}; });
}

void MibView::AddPpp() {
  AddSessionColumn(Under(kSessionEntry, {2}), ppp_, [](const ModelSession& s) { return s.user; });
  AddSessionColumn(Under(kSessionEntry, {3}), ppp_,
                   [](const ModelSession& s) { return MibAddress{AddressNumber(s.address)}; });
}

MibVariable MibView::Get(const MibOid& name) const {
  for (const Column& column : columns_) {
    if (name.size() != column.prefix.size() + 1 || !IsUnder(column.prefix, name)) continue;
    auto at = std::lower_bound(column.indexes->begin(), column.indexes->end(), name.back());
    if (at == column.indexes->end() || *at != name.back()) break;
    return {name, column.value(static_cast<size_t>(at - column.indexes->begin()))};
  }
  return {name, MibNoObject()};
}

MibVariable MibView::Next(const MibRange& range) const {
  for (const Column& column : columns_) {
    auto at = column.indexes->begin();
    if (IsUnder(column.prefix, range.start)) {
      const size_t size = column.prefix.size();
      const bool is_exact = range.start.size() == size + 1;
      if (range.start.size() > size) {
        const uint32_t index = range.start[size];
        at = is_exact && range.is_included ? std::lower_bound(at, column.indexes->end(), index)
                                           : std::upper_bound(at, column.indexes->end(), index);
      }
    } else if (column.prefix < range.start) {
      continue;
    }
    if (at == column.indexes->end()) continue;
    MibOid name = Under(column.prefix, {*at});
    if (!range.end.empty() && !(name < range.end)) break;
    return {name, column.value(static_cast<size_t>(at - column.indexes->begin()))};
  }
  return {range.start, MibEnd()};
}

}  // namespace usage::sim
