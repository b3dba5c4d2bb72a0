// Any cells as what an SNMP agent says: of each row of a reading the index came, every text is
// UTF-8, and numbers are where they can be.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "core/utf8.h"
#include "sources/routers/snmp_rows.h"

namespace usage {
namespace {

void Require(bool claim, const char* what) {
  if (claim) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void RequireText(const std::string& text) {
  for (size_t at = 0, size = 0; at < text.size(); at += size) {
    size = Utf8CharacterSize(text, at);
    Require(size > 0 && text[at] != '\0', "not a text");
  }
}

// The bytes, from the front.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool is_empty() const { return bytes_.empty(); }
  uint64_t Number(size_t size) {
    uint64_t number = 0;
    for (char c : Bytes(size)) number = number << 8 | static_cast<unsigned char>(c);
    return number;
  }
  std::string_view Bytes(size_t size) {
    const std::string_view front = bytes_.substr(0, size);
    bytes_.remove_prefix(front.size());
    return front;
  }

 private:
  std::string_view bytes_;
};

SnmpValue ValueIn(Input* input) {
  const auto kind = static_cast<SnmpKind>(input->Number(1) % 6);
  const size_t size = input->Number(1) % 64;
  if (kind == SnmpKind::kBytes || kind == SnmpKind::kAddress) return {kind, 0, input->Bytes(size)};
  return {kind, input->Number(size % 9), {}};
}

// Tables and scalars filled from the bytes.
struct Agent {
  std::vector<SnmpTable> tables = {
      SnmpTable(HotspotTable().columns.size()), SnmpTable(QueueTable().columns.size()),
      SnmpTable(PppTable().columns.size()), SnmpTable(DetailedInterfaceTable().columns.size()),
      SnmpTable(1)};
  const std::vector<size_t> widths = {HotspotTable().columns.size(), QueueTable().columns.size(),
                                      PppTable().columns.size(),
                                      DetailedInterfaceTable().columns.size(), 1};
  std::vector<SnmpCell> scalars{kScalarCount};
  std::vector<std::set<uint32_t>> indexes{5};

  explicit Agent(Input input) {
    while (!input.is_empty()) TakeCell(&input);
  }

  void TakeCell(Input* input) {
    const size_t table = input->Number(1) % 6;
    const size_t column = input->Number(1);
    if (table == 5) {
      const SnmpValue value = ValueIn(input);
      scalars[column % kScalarCount] = {0, value.kind, value.number, std::string(value.bytes)};
      return;
    }
    const auto index = static_cast<uint32_t>(input->Number(1 + column % 4));
    tables[table].Put(column % widths[table], index, ValueIn(input));
    indexes[table].insert(index);
  }
};

void CheckRows(const std::vector<RouterRow>& rows, size_t indexes) {
  Require(rows.size() <= indexes, "more rows than indexes");
  for (const RouterRow& row : rows) {
    RequireText(row.user);
    RequireText(row.address);
    Require(row.mac >> 48 == 0, "a MAC of more than 48 bits");
    Require(!row.uptime || row.uptime->count() >= 0, "a negative uptime");
  }
}

void CheckFacts(const RouterFacts& facts) {
  for (const std::string& text : {facts.identity, facts.version, facts.board}) RequireText(text);
  Require(!facts.cpu_load || (*facts.cpu_load >= 0 && *facts.cpu_load <= 1), "a load beyond all");
  Require(!facts.free_memory || *facts.free_memory <= facts.total_memory.value_or(0),
          "more memory free than there is");
}

void Check(const Agent& agent) {
  SnmpDecoder decoder;
  decoder.SetUpTime(agent.scalars[kSysUpTime]);
  CheckRows(decoder.HotspotRows(agent.tables[0]), agent.indexes[0].size());
  CheckRows(decoder.QueueRows(agent.tables[1]), agent.indexes[1].size());
  CheckRows(decoder.PppoeRows(agent.tables[3], agent.tables[2]), agent.indexes[3].size());
  for (const RouterInterface& port : decoder.Interfaces(agent.tables[3], {})) {
    RequireText(port.name);
    Require(!port.name.empty(), "a port without name");
  }
  CheckFacts(decoder.Facts(agent.scalars, agent.tables[4]));
}

void CheckIndex(std::string_view bytes) {
  SnmpOid name;
  for (char c : bytes.substr(0, 32)) name.push_back(static_cast<unsigned char>(c));
  for (const SnmpOid& column : HotspotTable().columns) {
    const auto index = IndexIn(column, name);
    Require(!index || name.back() == *index, "another index");
  }
}

}  // namespace
}  // namespace usage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  usage::Check(usage::Agent(usage::Input(bytes)));
  usage::CheckIndex(bytes);
  return 0;
}
