#include "sources/postgres/routers.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "config/router_fields.h"
#include "core/units.h"
#include "sources/postgres/named_rows.h"

namespace usage {
namespace {

constexpr std::chrono::seconds kTimeout{10};

// Columns that say the same: the first one that has something in the row is taken.
const std::vector<std::string> kNameColumns = {"name", "id"};
const std::vector<std::string> kAddressColumns = {"address", "ip_address", "host"};
const std::vector<std::string> kOtherColumns = {"tenant_id",   "protocol",    "port",   "tls",
                                                "fingerprint", "credentials", "tables", "uplinks"};

std::vector<std::string> KnownColumns() {
  std::vector<std::string> columns = kNameColumns;
  columns.insert(columns.end(), kAddressColumns.begin(), kAddressColumns.end());
  columns.insert(columns.end(), kOtherColumns.begin(), kOtherColumns.end());
  return columns;
}

std::string FirstIn(const NamedRow& row, const std::vector<std::string>& columns) {
  for (const std::string& column : columns) {
    const std::string text = TextIn(row, column);
    if (!text.empty()) return text;
  }
  return "";
}

// The words of a list, be it "a, b", an array of PostgreSQL's or of JSON's.
std::vector<std::string> WordsIn(std::string text) {
  for (char& c : text) {
    if (std::string_view(",{}[]\"").find(c) != std::string_view::npos) c = ' ';
  }
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// One row becomes a router, or its first fault.
class RowReader {
 public:
  RowReader(const RoutersConfig& config, const NamedRow& row) : config_(config), row_(row) {}

  // "" or what is wrong.
  std::string Read(RouterConfig* router) const {
    router->tenant = TextIn(row_, "tenant_id");
    router->timeout = config_.timeout;
    for (const auto step :
         {&RowReader::ReadName, &RowReader::ReadProtocol, &RowReader::ReadTls,
          &RowReader::ReadAddress, &RowReader::ReadCredentials, &RowReader::ReadTables}) {
      const std::string fault = (this->*step)(router);
      if (!fault.empty()) return fault;
    }
    return "";
  }

 private:
  std::string ReadName(RouterConfig* router) const {
    router->name = FirstIn(row_, kNameColumns);
    const std::string fault = RouterNameFault(router->name);
    return fault.empty() ? "" : "its name " + fault;
  }

  std::string ReadProtocol(RouterConfig* router) const {
    router->protocol = config_.default_protocol;
    const std::string word = TextIn(row_, "protocol");
    if (word.empty()) return "";
    const auto protocol = ParseRouterProtocol(word);
    if (!protocol) return "protocol is '" + word + "' and " + protocol.error();
    router->protocol = *protocol;
    return "";
  }

  std::string ReadTls(RouterConfig* router) const {
    router->use_tls = config_.default_use_tls;
    router->tls = config_.default_tls;
    const std::string word = TextIn(row_, "tls"), digits = TextIn(row_, "fingerprint");
    if (!word.empty()) router->use_tls = word == "true" || word == "on";
    if (!word.empty() && !router->use_tls && word != "false" && word != "off") {
      return "tls is '" + word + "' and must be true or false";
    }
    if (digits.empty()) return "";
    const auto fingerprint = ParseFingerprint(digits);
    if (!fingerprint) return "fingerprint " + fingerprint.error();
    router->tls.fingerprint = *fingerprint;
    return "";
  }

  std::string ReadAddress(RouterConfig* router) const {
    const std::string text = FirstIn(row_, kAddressColumns);
    if (text.empty()) return "its address is missing; write host or host:port";
    const std::string port = TextIn(row_, "port");
    const auto address = ParseRouterAddress(text);
    if (!address) return "its address '" + text + "' " + address.error();
    router->host = address->host;
    router->port = DefaultRouterPort(router->protocol, router->use_tls);
    if (address->port != 0) router->port = address->port;
    if (port.empty()) return "";
    const auto number = ParseRouterPort(port);
    if (!number) return "port is '" + port + "' and " + number.error();
    router->port = *number;
    return "";
  }

  std::string ReadCredentials(RouterConfig* router) const {
    return SignIn(TextIn(row_, "credentials"), config_, router);
  }

  std::string ReadTables(RouterConfig* router) const {
    const std::vector<std::string> words = WordsIn(TextIn(row_, "tables"));
    if (!words.empty()) router->tables.clear();
    for (const std::string& word : words) {
      const auto table = ParseRouterTable(word);
      if (!table) return "tables has '" + word + "': each " + table.error();
      router->tables.push_back(*table);
    }
    router->uplinks = WordsIn(TextIn(row_, "uplinks"));
    return "";
  }

  const RoutersConfig& config_;
  const NamedRow& row_;
};

// What a row is called in messages.
std::string NameOf(const NamedRow& row, size_t number) {
  const std::string name = FirstIn(row, kNameColumns);
  return name.empty() ? "row " + std::to_string(number) : "the router " + name;
}

std::vector<std::string> ReadableOf(const TableFacts& table,
                                    const std::vector<std::string>& candidates) {
  std::vector<std::string> columns;
  for (const std::string& column : candidates) {
    const auto found = table.columns.find(column);
    if (found != table.columns.end() && found->second.readable) columns.push_back(column);
  }
  return columns;
}

// The one to ask for where none may be read: what is missing is then said of it.
std::string NeededOf(const TableFacts& table, const std::vector<std::string>& candidates) {
  for (const std::string& column : candidates) {
    if (table.columns.count(column)) return column;
  }
  return candidates.front();
}

}  // namespace

SqlRouterList::SqlRouterList(const RoutersConfig& config)
    : config_(config), session_("routers", "usage_exporter/routers", config.database, kTimeout) {}

RouterList SqlRouterList::Read() {
  session_.Begin();
  const NamedRows rows =
      ReadNamedRows(session_, config_.sql.empty() ? QueryOfTable() : config_.sql);
  session_.End();
  const std::string unknown = UnknownColumn(rows, KnownColumns());
  if (!unknown.empty()) throw session_.Fault("routers: " + unknown);
  RouterList list;
  std::set<std::string> names;
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    RouterConfig router;
    std::string fault = RowReader(config_, rows.rows[i]).Read(&router);
    if (fault.empty() && !names.insert(router.name).second) {
      fault = "its name is another router's too; give one of them another";
    }
    if (fault.empty()) {
      list.routers.push_back(std::move(router));
    } else {
      list.bad.push_back({router.name, "routers: " + NameOf(rows.rows[i], i + 1) + ": " + fault});
    }
  }
  return list;
}

// A column that this role may not read is as if it were not there: panels keep passwords beside.
std::string SqlRouterList::QueryOfTable() {
  const TableFacts table = TableOf(session_, config_.table, "routers.table");
  std::vector<std::string> columns = ReadableOf(table, kNameColumns);
  if (columns.empty()) columns = {NeededOf(table, kNameColumns)};
  std::vector<std::string> addresses = ReadableOf(table, kAddressColumns);
  if (addresses.empty()) addresses = {NeededOf(table, kAddressColumns)};
  const std::vector<std::string> others = ReadableOf(table, kOtherColumns);
  columns.insert(columns.end(), addresses.begin(), addresses.end());
  columns.insert(columns.end(), others.begin(), others.end());
  return SelectOf(session_, table, columns);
}

}  // namespace usage
