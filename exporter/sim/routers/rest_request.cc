#include "sim/routers/rest_request.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

namespace usage::sim {
namespace {

constexpr size_t kLargest = 1 << 20;

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                     std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                         text.data() + i + 3;
    out += is_escape ? static_cast<char>(value) : text[i] == '+' ? ' ' : text[i];
    if (is_escape) i += 2;
  }
  return out;
}

void ReadTarget(std::string_view target, RestRequest& request) {
  size_t mark = target.find('?');
  request.path = Unescape(target.substr(0, mark));
  if (mark == target.npos) return;
  std::istringstream parts{std::string(target.substr(mark + 1))};
  for (std::string part; std::getline(parts, part, '&');) {
    size_t equals = std::min(part.find('='), part.size());
    std::string value = equals < part.size() ? part.substr(equals + 1) : "";
    request.parameters.emplace_back(Unescape(part.substr(0, equals)), Unescape(value));
  }
}

bool ReadHead(const std::string& head, RestRequest& request) {
  std::istringstream lines(head);
  std::string line, target, version;
  std::getline(lines, line);
  std::istringstream first(line);
  first >> request.method >> target >> version;
  if (!version.starts_with("HTTP/1.")) return false;
  ReadTarget(target, request);
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    size_t colon = line.find(':');
    if (colon == std::string::npos) return false;
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    size_t begin = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    request.headers[name] = line.substr(begin);
  }
  return true;
}

size_t LengthOf(const RestRequest& request) {
  size_t length = 0;
  std::string text = request.header("content-length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

// "a,b", or ["a","b"].
std::string Proplist(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string names;
  for (const auto& name : value) names += (names.empty() ? "" : ",") + name.get<std::string>();
  return names;
}

Expected<RestPrint> ReadBody(const std::string& body) try {
  RestPrint print;
  if (body.empty()) return print;
  auto json = nlohmann::json::parse(body);
  if (json.contains(".proplist")) print.proplist = Proplist(json[".proplist"]);
  if (json.contains(".query")) print.query = json[".query"].get<std::vector<std::string>>();
  return print;
} catch (const nlohmann::json::exception&) {
  return Error{"malformed JSON"};
}

}  // namespace

std::string RestRequest::header(const std::string& name) const {
  auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

Expected<std::optional<RestRequest>> TakeRestRequest(std::string& bytes) {
  size_t end = bytes.find("\r\n\r\n");
  if (bytes.size() > kLargest) return Error{"request too large"};
  if (end == std::string::npos) return std::optional<RestRequest>();
  RestRequest request;
  if (!ReadHead(bytes.substr(0, end), request)) return Error{"no HTTP request"};
  size_t length = LengthOf(request);
  if (bytes.size() - end - 4 < length) return std::optional<RestRequest>();
  request.body = bytes.substr(end + 4, length);
  bytes.erase(0, end + 4 + length);
  return std::optional(std::move(request));
}

Expected<RestPrint> ReadRestPrint(const RestRequest& request) {
  if (request.method == "POST") return ReadBody(request.body);
  RestPrint print;
  for (const auto& [name, value] : request.parameters) {
    if (name == ".proplist") {
      print.proplist = value;
    } else {
      print.query.push_back(name + "=" + value);
    }
  }
  return print;
}

}  // namespace usage::sim
