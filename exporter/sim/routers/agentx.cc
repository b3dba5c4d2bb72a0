#include "sim/routers/agentx.h"

#include <stdexcept>

namespace usage::sim {
namespace {

constexpr uint8_t kNetworkByteOrder = 0x10;
constexpr uint8_t kSecondsToAnswer = 60;
constexpr uint8_t kUsualPriority = 127;
constexpr size_t kMostParts = 128;  // of an identifier

class Writer {
 public:
  void Byte(uint8_t value) { bytes_ += static_cast<char>(value); }
  void Two(uint16_t value) {
    Byte(static_cast<uint8_t>(value >> 8));
    Byte(static_cast<uint8_t>(value));
  }
  void Four(uint32_t value) {
    Two(static_cast<uint16_t>(value >> 16));
    Two(static_cast<uint16_t>(value));
  }
  void Oid(const MibOid& oid) {
    Byte(static_cast<uint8_t>(oid.size()));
    for (int i = 0; i < 3; ++i) Byte(0);  // no prefix, not included, reserved
    for (uint32_t part : oid) Four(part);
  }
  void Text(std::string_view text) {
    Four(static_cast<uint32_t>(text.size()));
    bytes_ += text;
    bytes_.append((4 - text.size() % 4) % 4, '\0');
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  uint8_t Byte() {
    if (bytes_.empty()) throw std::runtime_error("AgentX: a packet is shorter than it says");
    const auto byte = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  uint16_t Two() {
    const uint16_t high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  uint32_t Four() {
    const uint32_t high = Two();
    return high << 16 | Two();
  }
  MibOid Oid(bool* is_included) {
    const size_t parts = Byte();
    const uint8_t prefix = Byte();
    *is_included = Byte() != 0;
    Byte();
    if (parts > kMostParts) throw std::runtime_error("AgentX: an identifier is too long");
    MibOid oid;
    if (prefix != 0) oid = {1, 3, 6, 1, prefix};
    for (size_t i = 0; i < parts; ++i) oid.push_back(Four());
    return oid;
  }
  bool is_at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

std::string Packet(const AgentxHeader& header, const Writer& payload) {
  Writer packet;
  packet.Byte(1);  // the version
  packet.Byte(static_cast<uint8_t>(header.type));
  packet.Byte(kNetworkByteOrder);
  packet.Byte(0);
  packet.Four(header.session);
  packet.Four(header.transaction);
  packet.Four(header.packet);
  packet.Four(static_cast<uint32_t>(payload.bytes().size()));
  return packet.bytes() + payload.bytes();
}

struct ValueType {
  uint16_t operator()(MibNoObject) const { return 128; }
  uint16_t operator()(MibEnd) const { return 130; }
  uint16_t operator()(MibInteger) const { return 2; }
  uint16_t operator()(MibCounter32) const { return 65; }
  uint16_t operator()(MibGauge32) const { return 66; }
  uint16_t operator()(MibTicks) const { return 67; }
  uint16_t operator()(MibCounter64) const { return 70; }
  uint16_t operator()(MibAddress) const { return 64; }
  uint16_t operator()(const MibOid&) const { return 6; }
  uint16_t operator()(const std::string&) const { return 4; }
};

struct ValueBytes {
  Writer& out;

  void operator()(MibNoObject) const {}
  void operator()(MibEnd) const {}
  void operator()(MibInteger value) const { out.Four(static_cast<uint32_t>(value.value)); }
  void operator()(MibCounter32 value) const { out.Four(value.value); }
  void operator()(MibGauge32 value) const { out.Four(value.value); }
  void operator()(MibTicks value) const { out.Four(value.value); }
  void operator()(MibCounter64 value) const {
    out.Four(static_cast<uint32_t>(value.value >> 32));
    out.Four(static_cast<uint32_t>(value.value));
  }
  void operator()(MibAddress value) const {
    out.Four(4);
    out.Four(value.value);
  }
  void operator()(const MibOid& value) const { out.Oid(value); }
  void operator()(const std::string& value) const { out.Text(value); }
};

}  // namespace

std::string AgentxOpen(std::string_view description) {
  Writer payload;
  payload.Byte(kSecondsToAnswer);
  for (int i = 0; i < 3; ++i) payload.Byte(0);
  payload.Oid({});
  payload.Text(description);
  return Packet({AgentxType::kOpen, 0, 0, 1, 0}, payload);
}

std::string AgentxRegister(const AgentxHeader& to, const MibOid& subtree) {
  Writer payload;
  payload.Byte(kSecondsToAnswer);
  payload.Byte(kUsualPriority);
  payload.Two(0);  // not a range
  payload.Oid(subtree);
  return Packet({AgentxType::kRegister, to.session, to.transaction, to.packet + 1, 0}, payload);
}

std::string AgentxResponse(const AgentxHeader& to, uint16_t error,
                           const std::vector<MibVariable>& variables) {
  Writer payload;
  payload.Four(0);  // sysUpTime: the master has its own
  payload.Two(error);
  payload.Two(error == 0 ? 0 : 1);
  for (const MibVariable& variable : variables) {
    payload.Two(std::visit(ValueType(), variable.value));
    payload.Two(0);
    payload.Oid(variable.name);
    std::visit(ValueBytes{payload}, variable.value);
  }
  return Packet({AgentxType::kResponse, to.session, to.transaction, to.packet, 0}, payload);
}

AgentxHeader ParseAgentxHeader(std::string_view bytes) {
  Reader reader(bytes);
  AgentxHeader header;
  if (reader.Byte() != 1) throw std::runtime_error("AgentX: another version than 1");
  header.type = static_cast<AgentxType>(reader.Byte());
  if ((reader.Byte() & kNetworkByteOrder) == 0) {
    throw std::runtime_error("AgentX: not in network byte order");
  }
  reader.Byte();
  header.session = reader.Four();
  header.transaction = reader.Four();
  header.packet = reader.Four();
  header.payload = reader.Four();
  return header;
}

std::vector<MibRange> ParseAgentxRanges(std::string_view payload) {
  Reader reader(payload);
  std::vector<MibRange> ranges;
  while (!reader.is_at_end()) {
    MibRange& range = ranges.emplace_back();
    bool is_ignored = false;
    range.start = reader.Oid(&range.is_included);
    range.end = reader.Oid(&is_ignored);
  }
  return ranges;
}

uint16_t ParseAgentxError(std::string_view payload) {
  Reader reader(payload);
  reader.Four();
  return reader.Two();
}

}  // namespace usage::sim
