// What is made of the cells of an SNMP agent's tables: the cases stand in decoding.txt.
#include "sources/routers/snmp_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/snmp/reading_text.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using testing::TextOf;

// "bob\xe9" as bytes.
std::string Unescaped(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text.compare(i, 2, "\\x") == 0 && i + 3 < text.size();
    bytes += is_escape ? static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16)) : text[i];
    if (is_escape) i += 3;
  }
  return bytes;
}

// One case: the cells that its lines say, and what is read of them.
class Case {
 public:
  // TABLE COLUMN INDEX TYPE VALUE; scalars have no index.
  void Take(const std::string& line) {
    std::istringstream words(line);
    std::string table, type, text;
    size_t column = 0;
    uint32_t index = 0;
    words >> table >> column;
    if (table != "scalar") words >> index;
    words >> type;
    std::getline(words >> std::ws, text);
    bytes_ = Unescaped(text);
    if (table == "scalar") {
      const SnmpValue value = ValueOf(type);
      scalars_[column] = {0, value.kind, value.number, bytes_};
    } else {
      tables_.at(table).Put(column, index, ValueOf(type));
    }
  }

  std::string Decoded() {
    SnmpDecoder decoder;
    RouterReading reading;
    decoder.SetUpTime(scalars_[kSysUpTime]);
    for (const auto& rows : {decoder.HotspotRows(tables_.at("hotspot")),
                             decoder.PppoeRows(tables_.at("interface"), tables_.at("ppp")),
                             decoder.QueueRows(tables_.at("queue"))}) {
      reading.rows.insert(reading.rows.end(), rows.begin(), rows.end());
    }
    reading.interfaces = decoder.Interfaces(tables_.at("interface"), {});
    reading.facts = decoder.Facts(scalars_, tables_.at("processor"));
    reading.bad_values = decoder.bad_values();
    return TextOf(reading);
  }

 private:
  SnmpValue ValueOf(const std::string& type) const {
    if (type == "text") return {SnmpKind::kBytes, 0, bytes_};
    if (type == "address") return {SnmpKind::kAddress, 0, bytes_};
    if (type == "nothing") return {};
    if (type == "oid") return {SnmpKind::kOther, 0, {}};
    const auto kind = type == "integer" ? SnmpKind::kInteger : SnmpKind::kUnsigned;
    const bool is_negative = bytes_.starts_with('-');
    return {
        kind, is_negative ? static_cast<uint64_t>(std::stoll(bytes_)) : std::stoull(bytes_), {}};
  }

  std::map<std::string, SnmpTable> tables_ = {
      {"hotspot", SnmpTable(HotspotTable().columns.size())},
      {"queue", SnmpTable(QueueTable().columns.size())},
      {"ppp", SnmpTable(PppTable().columns.size())},
      {"interface", SnmpTable(DetailedInterfaceTable().columns.size())},
      {"processor", SnmpTable(1)},
  };
  std::vector<SnmpCell> scalars_{kScalarCount};
  std::string bytes_;
};

// The file's text with what is read now behind each "=>".
std::string Redone(const std::string& text) {
  std::istringstream lines(text);
  std::string line, redone;
  std::optional<Case> one;
  bool is_answer = false;
  while (std::getline(lines, line)) {
    if (line.starts_with('#') || line.empty()) is_answer = false;
    if (is_answer) continue;
    redone += line + "\n";
    if (line.starts_with('#')) {
      one.emplace();
    } else if (line == "=>") {
      redone += one->Decoded();
      is_answer = true;
    } else if (!line.empty()) {
      one->Take(line);
    }
  }
  return redone;
}

TEST(SnmpDecoder, ReadsWhatTheTableOfCasesSays) {
  const auto path = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/snmp/decoding.txt";
  testing::ExpectGolden(path, Redone(testing::ReadFile(path)));
}

TEST(SnmpTable, PutsCellsTogetherByTheirIndexInWhateverOrderTheyCome) {
  SnmpTable table(2);
  for (uint32_t index : {7u, 3u, 5u}) table.Put(0, index, {SnmpKind::kUnsigned, index, {}});
  for (uint32_t index : {3u, 9u, 7u, 7u}) table.Put(1, index, {SnmpKind::kUnsigned, 1, {}});
  const std::vector<SnmpRow> rows = table.Rows({0, 1});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].index, 3u);
  EXPECT_EQ(rows[1].index, 7u);
  EXPECT_EQ(rows[1].cells[0]->number, 7u);
  EXPECT_EQ(table.Rows({1}).size(), 3u);
  EXPECT_EQ(table.size(), 4u);
}

TEST(SnmpTable, AnIndexIsOneNumberOf32BitsBehindTheColumn) {
  const SnmpOid column = {1, 3, 6, 1};
  auto index = [&](const SnmpOid& name) { return IndexIn(column, name); };
  EXPECT_EQ(index({1, 3, 6, 1, 4294967295}), 4294967295u);
  EXPECT_EQ(index({1, 3, 6, 1, 0}), 0u);
  EXPECT_EQ(index({1, 3, 6, 1}), std::nullopt);
  EXPECT_EQ(index({1, 3, 6, 1, 5, 6}), std::nullopt);
  EXPECT_EQ(index({1, 3, 6, 2, 5}), std::nullopt);
  EXPECT_EQ(index({1, 3, 6, 1, 4294967296}), std::nullopt);
}

}  // namespace
}  // namespace usage
