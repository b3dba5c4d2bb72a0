#include "sim/radius_feed.h"

#include <algorithm>

#include "sim/random.h"

namespace usage::sim {
namespace {

// Numbers of RFC 2865 5.6, 5.7 and 5.41, RFC 2866 5.6 and 5.10.
constexpr uint32_t kLoginUser = 1, kFramedUser = 2, kPpp = 1;
constexpr uint32_t kEthernet = 15, kWireless = 19;
constexpr uint32_t kByRadius = 1;
constexpr uint32_t kUserRequest = 1, kLostCarrier = 2, kIdleTimeout = 4;

uint32_t UnixTime(Second t) { return static_cast<uint32_t>(t.time_since_epoch().count()); }

uint32_t CauseOf(const Session& session) {
  if (session.subscriber->access == Access::kPppoe) return kLostCarrier;
  return session.plan.shape.seed % 2 == 0 ? kUserRequest : kIdleTimeout;
}

void AddCounters(AccountingRequest& request, Volume total) {
  request.AddOctets(Attribute::kAcctInputOctets, Attribute::kAcctInputGigawords, total.upload);
  request.AddOctets(Attribute::kAcctOutputOctets, Attribute::kAcctOutputGigawords, total.download);
}

void AddService(AccountingRequest& request, const Subscriber& who) {
  bool is_pppoe = who.access == Access::kPppoe;
  request.Add(Attribute::kServiceType, is_pppoe ? kFramedUser : kLoginUser);
  if (is_pppoe) request.Add(Attribute::kFramedProtocol, kPpp);
  // RouterOS says Ethernet for PPPoE and for hotspots on a cable too.
  bool is_cable = is_pppoe || who.mac.back() % 2 == 0;
  request.Add(Attribute::kNasPortType, is_cable ? kEthernet : kWireless);
  request.Add(Attribute::kCalledStationId, std::string_view(is_pppoe ? "pppoe-in" : "hotspot1"));
}

}  // namespace

RadiusFeed::RadiusFeed(const Population& population, TruthKeeper& truth, Options options)
    : population_(population),
      truth_(truth),
      options_(std::move(options)),
      client_(options_.client),
      gates_(population.nases().size()) {}

AccountingRequest RadiusFeed::Describe(StatusType type, const Session& session, Second at) const {
  const Subscriber& who = *session.subscriber;
  AccountingRequest request(type);
  request.Add(Attribute::kAcctSessionId, session.row->id);
  request.Add(Attribute::kUserName, population_.AccountName(who));
  request.AddAddress(Attribute::kNasIpAddress,
                     population_.nases()[static_cast<size_t>(who.nas)].address);
  request.Add(Attribute::kNasPort, static_cast<uint32_t>(session.plan.subscriber));
  request.Add(Attribute::kClass, session.tenant->id);
  request.Add(Attribute::kCallingStationId, who.mac);
  request.AddAddress(Attribute::kFramedIpAddress, who.address);
  request.Add(Attribute::kAcctAuthentic, kByRadius);
  AddService(request, who);
  request.Add(Attribute::kEventTimestamp, UnixTime(at));
  if (type != StatusType::kStart) {
    request.Add(Attribute::kAcctSessionTime,
                static_cast<uint32_t>((at - session.plan.start).count()));
  }
  return request;
}

bool RadiusFeed::IsDuplicated(const Session& session, Second at) const {
  return Random(Mix(session.plan.shape.seed, UnixTime(at))).Chance(options_.duplicates);
}

void RadiusFeed::EnqueueReport(const SessionPtr& session, Packet packet, Second at) {
  Packet again = packet;
  again.days.clear();
  Enqueue(session->subscriber->nas, std::move(packet));
  if (IsDuplicated(*session, at)) Enqueue(session->subscriber->nas, std::move(again));
}

void RadiusFeed::Start(const SessionPtr& session) {
  if (session->plan.lost_start) return;
  Second at = session->plan.start;
  AccountingRequest request = Describe(StatusType::kStart, *session, at);
  request.Add(Attribute::kAcctDelayTime, 0);
  EnqueueReport(session,
                {StatusType::kStart, std::move(request), session, {}, session->plan.reuses_id}, at);
}

void RadiusFeed::Interim(const SessionPtr& session, Second at) {
  auto days = session->curve.Advance(at);
  AccountingRequest request = Describe(StatusType::kInterimUpdate, *session, at);
  request.Add(Attribute::kAcctDelayTime, 0);
  AddCounters(request, session->curve.total());
  EnqueueReport(session,
                {StatusType::kInterimUpdate, std::move(request), session, std::move(days), false},
                at);
}

void RadiusFeed::Stop(const SessionPtr& session) {
  Second at = session->plan.end;
  Packet packet{StatusType::kStop, Describe(StatusType::kStop, *session, at), session, {}, false};
  bool is_late = session->plan.ending == Ending::kLateStop;
  packet.request.Add(Attribute::kAcctDelayTime,
                     is_late ? static_cast<uint32_t>(session->plan.stop_delay.count()) : 0);
  packet.request.Add(Attribute::kAcctTerminateCause, CauseOf(*session));
  if (session->plan.ending == Ending::kZeroedStop) {
    packet.destroys = true;
  } else {
    packet.days = session->curve.Advance(at);
    AddCounters(packet.request, session->curve.total());
  }
  EnqueueReport(session, std::move(packet), at);
}

void RadiusFeed::NasUp(int nas, Second up) {
  AccountingRequest request(StatusType::kAccountingOn);
  request.AddAddress(Attribute::kNasIpAddress,
                     population_.nases()[static_cast<size_t>(nas)].address);
  request.Add(Attribute::kAcctSessionId, std::string_view("0"));
  request.Add(Attribute::kEventTimestamp, UnixTime(up));
  Gate& gate = gates_[static_cast<size_t>(nas)];
  gate.behind.push_back({StatusType::kAccountingOn, std::move(request), nullptr, {}, false});
  gate.is_barred = true;
  PassBar(nas);
}

void RadiusFeed::Enqueue(int nas, Packet packet) {
  Gate& gate = gates_[static_cast<size_t>(nas)];
  if (gate.is_barred) {
    gate.behind.push_back(std::move(packet));
  } else {
    Admit(nas, std::move(packet));
  }
}

void RadiusFeed::Admit(int nas, Packet packet) {
  RowPtr row = packet.session->row;
  Lane& lane = lanes_[row];
  lane.packets.push_back(std::move(packet));
  if (lane.is_held) return;
  ++gates_[static_cast<size_t>(nas)].unanswered;
  Pump(nas, row);
}

bool RadiusFeed::IsSeen(const Row& row) const {
  return std::chrono::steady_clock::now() >= row.shown + options_.visible_for;
}

void RadiusFeed::Pump(int nas, const RowPtr& row) {
  Lane& lane = lanes_[row];
  if (lane.is_sending || lane.packets.empty()) return;
  const Packet& next = lane.packets.front();
  if (next.destroys && !IsSeen(*row)) return Hold(nas, row, lane);
  lane.is_sending = true;
  client_.Send(next.request, [this, nas, row] { Answered(nas, row); });
}

// A lane that is held does not keep the NAS from coming back: its packets count again when they go.
void RadiusFeed::Hold(int nas, const RowPtr& row, Lane& lane) {
  lane.is_held = true;
  gates_[static_cast<size_t>(nas)].unanswered -= lane.packets.size();
  held_.emplace_back(nas, row);
  PassBar(nas);
}

void RadiusFeed::ReleaseHeld() {
  for (auto& [nas, row] : std::exchange(held_, {})) {
    Gate& gate = gates_[static_cast<size_t>(nas)];
    if (gate.is_barred || !IsSeen(*row)) {
      held_.emplace_back(nas, row);
      continue;
    }
    Lane& lane = lanes_[row];
    lane.is_held = false;
    gate.unanswered += lane.packets.size();
    Pump(nas, row);
  }
}

void RadiusFeed::Answered(int nas, const RowPtr& row) {
  Gate& gate = gates_[static_cast<size_t>(nas)];
  Lane& lane = lanes_[row];
  Count(lane.packets.front(), *row, gate);
  lane.packets.pop_front();
  lane.is_sending = false;
  --gate.unanswered;
  if (lane.packets.empty()) {
    lanes_.erase(row);
  } else {
    Pump(nas, row);
  }
  PassBar(nas);
}

void RadiusFeed::Count(Packet& packet, Row& row, Gate& gate) {
  auto& unheard = packet.session->unheard;
  unheard.insert(unheard.end(), packet.days.begin(), packet.days.end());
  bool is_taken = packet.type != StatusType::kStart && !packet.destroys &&
                  (packet.type == StatusType::kStop || !row.is_closed);
  if (is_taken) {
    truth_.Book(packet.session->plan.subscriber, std::exchange(unheard, {}));
    row.shown = std::chrono::steady_clock::now();
  }
  if (packet.type == StatusType::kStop) {
    row.is_closed = true;
    gate.open_rows.erase(packet.session->row);
  } else if (!row.is_closed) {
    gate.open_rows.insert(packet.session->row);
  }
}

// Sends the Accounting-On that is next when everything before it is stored.
void RadiusFeed::PassBar(int nas) {
  Gate& gate = gates_[static_cast<size_t>(nas)];
  bool is_on = !gate.behind.empty() && gate.behind.front().type == StatusType::kAccountingOn;
  if (gate.is_barred && gate.unanswered == 0 && is_on) SendBar(nas);
}

void RadiusFeed::SendBar(int nas) {
  Gate& gate = gates_[static_cast<size_t>(nas)];
  AccountingRequest request = std::move(gate.behind.front().request);
  gate.behind.pop_front();
  ++gate.unanswered;
  client_.Send(std::move(request), [this, nas] {
    Gate& barred = gates_[static_cast<size_t>(nas)];
    --barred.unanswered;
    for (const RowPtr& row : std::exchange(barred.open_rows, {})) row->is_closed = true;
    auto behind = std::exchange(barred.behind, {});
    barred.is_barred = false;
    for (Packet& packet : behind) {
      bool is_on = packet.type == StatusType::kAccountingOn;
      barred.is_barred = barred.is_barred || is_on;
      is_on ? barred.behind.push_back(std::move(packet)) : Enqueue(nas, std::move(packet));
    }
    PassBar(nas);
  });
}

void RadiusFeed::Tick(std::chrono::milliseconds wait) {
  ReleaseHeld();
  client_.Poll(wait);
}

bool RadiusFeed::is_settled() const {
  return client_.pending() == 0 && std::all_of(gates_.begin(), gates_.end(), [](const Gate& g) {
           return g.unanswered == 0 && g.behind.empty();
         });
}

}  // namespace usage::sim
