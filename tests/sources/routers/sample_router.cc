#include "tests/sources/routers/sample_router.h"

#include <algorithm>
#include <sstream>

#include "core/mac.h"

namespace usage::testing {
namespace {

std::vector<SampleRow> Where(const std::vector<SampleRow>& rows, const std::string& condition) {
  const size_t equals = condition.find('=');
  const std::pair<std::string, std::string> wanted(condition.substr(0, equals),
                                                   condition.substr(equals + 1));
  std::vector<SampleRow> chosen;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(chosen), [&](const SampleRow& row) {
    return std::find(row.begin(), row.end(), wanted) != row.end();
  });
  return chosen;
}

std::vector<SampleRow> Chosen(const std::vector<SampleRow>& rows,
                              const std::vector<std::string>& conditions) {
  std::vector<SampleRow> chosen = rows;
  for (const std::string& condition : conditions) chosen = Where(chosen, condition);
  return chosen;
}

// Backslashes and quotes are in no sample.
std::string RestObject(const SampleRow& row) {
  std::string text;
  for (const auto& [name, value] : row) {
    text += (text.empty() ? "{\"" : ",\"") + name + "\":\"" + value + "\"";
  }
  return text + "}";
}

template <typename T>
void Put(std::ostream& out, const char* name, const std::optional<T>& value) {
  if (value) out << " " << name << "=" << *value;
}

void Put(std::ostream& out, const char* name, const std::optional<Duration>& value) {
  if (value) out << " " << name << "=" << value->count() << "us";
}

void Put(std::ostream& out, const char* name, const std::string& value) {
  if (!value.empty()) out << " " << name << "=" << value;
}

void PutRow(std::ostream& out, const RouterRow& row) {
  out << RouterTableName(row.table) << " " << AccessName(row.access);
  Put(out, "user", row.user);
  Put(out, "mac", row.mac == 0 ? "" : FormatMac(row.mac));
  Put(out, "address", row.address);
  Put(out, "session", row.session_id);
  Put(out, "uptime", row.uptime);
  Put(out, "up", row.upload);
  Put(out, "down", row.download);
  Put(out, "up_packets", row.upload_packets);
  Put(out, "down_packets", row.download_packets);
  out << "\n";
}

void PutInterface(std::ostream& out, const RouterInterface& port) {
  out << "interface " << port.name;
  Put(out, "running", port.running);
  Put(out, "rx", port.receive_bytes);
  Put(out, "tx", port.transmit_bytes);
  Put(out, "rx_errors", port.receive_errors);
  Put(out, "tx_errors", port.transmit_errors);
  Put(out, "rx_drops", port.receive_drops);
  Put(out, "tx_drops", port.transmit_drops);
  Put(out, "link_downs", port.link_downs);
  out << "\n";
}

void PutFacts(std::ostream& out, const RouterFacts& facts) {
  out << "facts";
  Put(out, "identity", facts.identity);
  Put(out, "version", facts.version);
  Put(out, "board", facts.board);
  Put(out, "uptime", facts.uptime);
  Put(out, "cpu", facts.cpu_load);
  Put(out, "free", facts.free_memory);
  Put(out, "total", facts.total_memory);
  out << "\n";
}

}  // namespace

SampleTables SampleRouter() {
  SampleTables tables;
  tables["/ip/hotspot/active"] = {
      {{".id", "*1"},
       {"user", "anna"},
       {"mac-address", "02:00:00:00:00:01"},
       {"address", "10.5.50.2"},
       {"uptime", "4m17s"},
       {"bytes-in", "1000"},
       {"bytes-out", "18446744073709551615"},
       {"packets-in", "10"},
       {"packets-out", "20"}},
      {{".id", "*2"}, {"user", "J\xf6rg"}, {"address", "10.5.50.3"}, {"bytes-in", "5"}},
      {{".id", "*3"}, {"user", "odd"}, {"bytes-in", "1.5MiB"}, {"uptime", "soon"}},
  };
  const auto interface = [](const std::string& name, const std::string& type,
                            const std::string& bytes) {
    return SampleRow{{"name", name},           {"type", type},        {"rx-byte", bytes},
                     {"tx-byte", bytes + "0"}, {"rx-packet", "1"},    {"tx-packet", "2"},
                     {"running", "true"},      {"disabled", "false"}, {"rx-error", "3"},
                     {"tx-error", "4"},        {"rx-drop", "5"},      {"tx-drop", "6"},
                     {"link-downs", "7"}};
  };
  tables["/interface"] = {
      interface("ether1", "ether", "100"),
      interface("<pppoe-bob>", "pppoe-in", "200"),
      interface("<pppoe-carl>", "pppoe-in", "300"),
      interface("<pppoe-carl-1>", "pppoe-in", "400"),
      interface("<pppoe-dora-2>", "pppoe-in", "500"),
      interface("<pppoe-gone>", "pppoe-in", "600"),
      interface("<pppoe-eve-1>", "pppoe-in", "700"),
      interface("<l2tp-far>", "l2tp-in", "800"),
      interface("static-in", "pppoe-in", "900"),
  };
  const auto session = [](const std::string& name, const std::string& number) {
    return SampleRow{{"name", name},
                     {"service", "pppoe"},
                     {"caller-id", "02:00:00:00:01:" + number},
                     {"address", "10.0.0." + number},
                     {"uptime", "1w2d03:04:05"},
                     {"session-id", "0x815000" + number}};
  };
  tables["/ppp/active"] = {
      session("bob", "10"),
      session("carl", "11"),
      session("carl", "12"),
      session("dora", "13"),
      session("eve", "14"),
      session("eve-1", "15"),
      {{"name", "far"}, {"service", "l2tp"}, {"caller-id", "198.51.100.7"}},
  };
  tables["/queue/simple"] = {
      {{"name", "<pppoe-bob>"}, {"target", "<pppoe-bob>"}, {"bytes", "21/22"}, {"packets", "1/2"}},
      {{"name", "<hotspot-anna>"}, {"target", "10.5.50.2/32"}, {"bytes", "31/32"}},
      {{"name", "<hotspot-02:00:00:00:00:09-3>"}, {"target", "10.5.50.9/32"}, {"bytes", "41/42"}},
      {{"name", "office"}, {"target", "10.9.0.0/24"}, {"bytes", "51/52"}},
      {{"name", "<hotspot-odd>"}, {"bytes", "61"}},
  };
  tables["/system/resource"] = {{{"uptime", "2d20h12m20s"},
                                 {"version", "7.16.1 (stable)"},
                                 {"cpu-load", "7"},
                                 {"free-memory", "500000000"},
                                 {"total-memory", "1073741824"},
                                 {"board-name", "CCR2004"},
                                 {"architecture-name", "arm64"}}};
  tables["/system/identity"] = {{{"name", "Z\xfcrich"}}};
  return tables;
}

RouterConfig ConfigOf(RouterProtocol protocol, const ScriptedRouter& router) {
  RouterConfig config;
  config.name = "edge-1";
  config.protocol = protocol;
  config.host = "127.0.0.1";
  config.port = router.port();
  config.use_tls = false;
  config.user = "usage";
  config.password = kRouterPassword;
  config.timeout = std::chrono::minutes(1);
  return config;
}

void Welcome(RouterPeer& peer) {
  peer.ReadSentence();
  peer.Say({"!done"});
}

std::string TagOf(const std::vector<std::string>& command) {
  for (const std::string& word : command) {
    if (word.starts_with(".tag=")) return word;
  }
  return "";
}

void AnswerPrint(RouterPeer& peer, const std::vector<std::string>& command,
                 const SampleTables& tables) {
  std::vector<std::string> conditions;
  for (const std::string& word : command) {
    if (word.starts_with('?')) conditions.push_back(word.substr(1));
  }
  const std::string menu = command[0].substr(0, command[0].rfind('/'));
  const auto rows = Chosen(tables.at(menu), conditions);
  for (const SampleRow& row : rows) {
    std::vector<std::string> sentence = {"!re", TagOf(command)};
    for (const auto& [name, value] : row) sentence.push_back("=" + name + "=" + value);
    peer.Say(sentence);
  }
  if (rows.empty()) peer.Say({"!empty", TagOf(command)});
  peer.Say({"!done", TagOf(command)});
}

void AnswerCommands(RouterPeer& peer, const SampleTables& tables) {
  for (auto command = peer.ReadSentence(); !command.empty(); command = peer.ReadSentence()) {
    AnswerPrint(peer, command, tables);
  }
}

RouterScript ServeApi(SampleTables tables) {
  return [tables = std::move(tables)](RouterPeer& peer) {
    Welcome(peer);
    AnswerCommands(peer, tables);
  };
}

std::string RestTable(const std::vector<SampleRow>& rows, bool is_single) {
  if (is_single) return RestObject(rows[0]);
  std::string text;
  for (const SampleRow& row : rows) text += (text.empty() ? "" : ",") + RestObject(row);
  return "[" + text + "]";
}

std::string HttpAnswer(const std::string& status, const std::string& body,
                       const std::string& headers) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

RouterScript ServeRest(SampleTables tables) {
  return [tables = std::move(tables)](RouterPeer& peer) {
    for (std::string request = peer.ReadRequest(); !request.empty(); request = peer.ReadRequest()) {
      const size_t begin = std::string_view("GET /rest").size();
      const size_t question = request.find('?');
      const std::string menu = request.substr(begin, question - begin);
      const std::string form = request.substr(question, request.find(' ', question) - question);
      const size_t condition = form.find('&');
      std::vector<std::string> conditions;
      if (condition != form.npos) conditions.push_back(form.substr(condition + 1));
      const bool is_single = menu.starts_with("/system");
      peer.Send(HttpAnswer("200 OK", RestTable(Chosen(tables.at(menu), conditions), is_single)));
    }
  };
}

std::string Described(const RouterReading& reading) {
  std::ostringstream out;
  for (const RouterRow& row : reading.rows) PutRow(out, row);
  for (const RouterInterface& port : reading.interfaces) PutInterface(out, port);
  PutFacts(out, reading.facts);
  out << "bad values: " << reading.bad_values << "\n";
  return out.str();
}

}  // namespace usage::testing
