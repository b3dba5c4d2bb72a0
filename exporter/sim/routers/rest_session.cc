#include "sim/routers/rest_session.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "sim/routers/print_query.h"

namespace usage::sim {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlowness(2000);

const char* Reason(int status) {
  static const std::map<int, const char*> kReasons = {
      {200, "OK"},        {400, "Bad Request"},        {401, "Unauthorized"},
      {404, "Not Found"}, {405, "Method Not Allowed"}, {500, "Internal Server Error"}};
  return kReasons.at(status);
}

// Bytes that are not ASCII go as they are, be they UTF-8 or not: so does RouterOS.
std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
    out += escape;
  }
  return out + '"';
}

std::string Object(const PrintedRow& row) {
  std::string out = "{";
  for (const auto& [name, value] : row) {
    out += (out.size() > 1 ? "," : "") + Quoted(name) + ":" + Quoted(value);
  }
  return out + "}";
}

std::string ErrorObject(int status, const std::string& detail) {
  std::string out = "{";
  if (!detail.empty()) out += "\"detail\":" + Quoted(detail) + ",";
  return out + "\"error\":" + std::to_string(status) + ",\"message\":\"" + Reason(status) + "\"}";
}

std::string Base64(const std::string& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

bool IsCalled(const PrintedRow& row, const std::string& name) {
  return std::any_of(row.begin(), row.end(), [&](const auto& column) {
    return (column.first == ".id" || column.first == "name") && column.second == name;
  });
}

}  // namespace

void RestSession::Run() try { Serve(); } catch (const StreamEnd&) {
  // Whoever ended it knows.
}

void RestSession::Serve() {
  while (true) {
    bytes_ += stream_.Read(milliseconds(1000));
    if (service_.is_off()) return stream_.Reset();
    while (true) {
      auto request = TakeRestRequest(bytes_);
      if (!request) return stream_.Reset();
      if (!*request) break;
      if (!Take(**request)) return;
    }
  }
}

bool RestSession::Take(const RestRequest& request) {
  std::lock_guard turn(service_.turn());
  if (!IsSignedIn(request)) {
    Answer refusal{401, ErrorObject(401, "")};
    stream_.Write(Head(refusal) + refusal.body);
    return request.wants_to_go_on();
  }
  Answer answer = AnswerTo(request);
  if (!Survive(service_.NextFault(), answer)) return false;
  stream_.Write(Head(answer) + answer.body);
  return request.wants_to_go_on();
}

bool RestSession::IsSignedIn(const RestRequest& request) {
  const RouterAccount& account = service_.account();
  std::string expected = "Basic " + Base64(account.user + ":" + account.password);
  return request.header("authorization") == expected && !service_.RefusesNext();
}

RestSession::Answer RestSession::AnswerTo(const RestRequest& request) const {
  const std::string kRoot = "/rest";
  std::string path = request.path;
  if (!path.starts_with(kRoot + "/")) return {404, ErrorObject(404, "no such page")};
  path.erase(0, kRoot.size());
  if (request.method == "GET") return Print(request, path);
  if (request.method != "POST") return {405, ErrorObject(405, "read-only")};
  if (!path.ends_with("/print")) return {400, ErrorObject(400, "no such command")};
  return Print(request, path.substr(0, path.size() - 6));
}

RestSession::Answer RestSession::Print(const RestRequest& request, const std::string& path) const {
  auto table = service_.Print(path);
  if (!table) return PrintItem(request, path);
  auto print = ReadRestPrint(request);
  if (!print) return {400, ErrorObject(400, print.error())};
  auto query = PrintQuery::Parse(print->query);
  if (!query) return {400, ErrorObject(400, query.error())};
  query->SetProplist(print->proplist);
  std::string list;
  for (const PrintedRow& row : table->rows) {
    if (query->Takes(row)) list += (list.empty() ? "" : ",") + Object(query->Columns(row));
  }
  bool is_bare = table->is_single && request.method == "GET";
  return {200, is_bare ? list : "[" + list + "]"};
}

// "/interface/ether1" or "/interface/*1".
RestSession::Answer RestSession::PrintItem(const RestRequest& request,
                                           const std::string& path) const {
  size_t slash = path.rfind('/');
  auto table = service_.Print(path.substr(0, slash));
  if (!table || request.method != "GET") {
    return {400, ErrorObject(400, "no such command or directory")};
  }
  auto row = std::find_if(table->rows.begin(), table->rows.end(), [&](const PrintedRow& one) {
    return IsCalled(one, path.substr(slash + 1));
  });
  if (row == table->rows.end()) return {404, ErrorObject(404, "no such item")};
  PrintQuery query;
  if (auto print = ReadRestPrint(request)) query.SetProplist(print->proplist);
  return {200, Object(query.Columns(*row))};
}

bool RestSession::Survive(std::optional<RouterFault> fault, Answer& answer) {
  if (!fault) return true;
  switch (*fault) {
    case RouterFault::kSlow:
      Wait(kSlowness);
      return true;
    case RouterFault::kTrap:
      answer = {400, ErrorObject(400, "internal failure")};
      return true;
    case RouterFault::kReserved:
      answer.body = "\xF8\x01\x02\x03";
      return true;
    case RouterFault::kFatal:
      answer = {500, ErrorObject(500, "router is shutting down")};
      stream_.Write(Head(answer) + answer.body);
      return false;
    case RouterFault::kTruncated:
      SendHalf(answer);
      return false;
    case RouterFault::kDrop:
      SendHalf(answer);
      stream_.Reset();
      return false;
    default:
      SendHalf(answer);
      AwaitTheEnd(stream_);
  }
}

void RestSession::SendHalf(const Answer& answer) {
  stream_.Write(Head(answer) + answer.body.substr(0, answer.body.size() / 2));
}

// A client that gives up ends the wait, and with it the turn.
void RestSession::Wait(milliseconds time) {
  using Clock = std::chrono::steady_clock;
  auto end = Clock::now() + time;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    bytes_ += stream_.Read(std::chrono::ceil<milliseconds>(end - now));
  }
}

std::string RestSession::Head(const Answer& answer) const {
  std::string head =
      "HTTP/1.1 " + std::to_string(answer.status) + " " + Reason(answer.status) + "\r\n";
  head += "Content-Type: application/json\r\nCache-Control: no-cache\r\n";
  if (service_.has(RouterFault::kClock)) head += "Date: Fri, 02 Jan 1970 00:00:07 GMT\r\n";
  return head + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
}

}  // namespace usage::sim
