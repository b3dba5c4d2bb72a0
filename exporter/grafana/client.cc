#include "grafana/client.h"

#include <nlohmann/json.hpp>

namespace usage::grafana {
namespace {

constexpr auto kConnectTimeout = std::chrono::seconds(10);
// An org is deleted with all that it has: minutes on SQLite.
constexpr auto kAnswerTimeout = std::chrono::seconds(120);
constexpr const char* kCookieName = "grafana_session=";

// What a text of JSON has under a key; "" when it has none.
std::string TextIn(const std::string& body, const char* key) {
  auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return "";
  auto it = json.find(key);
  return it != json.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string CookieOf(const Answer& answer) {
  auto [begin, end] = answer.headers.equal_range("set-cookie");
  for (auto it = begin; it != end; ++it) {
    const std::string& value = it->second;
    if (value.starts_with(kCookieName)) return value.substr(0, value.find(';'));
  }
  return "";
}

HttpPeer PeerOf(const Login& login) {
  return {login.url, login.ca_file, kConnectTimeout, kAnswerTimeout};
}

// Any status is an answer.
Answer Ask(HttpClient& http, const Login& login, HttpCall request) {
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  Answer answer = http.Send(request);
  if (answer.status != 0) return answer;
  throw GrafanaError("Grafana at " + login.url.Origin() + ": " + answer.error, 0);
}

Answer AskOnce(const Login& login, HttpCall request) {
  HttpClient http(PeerOf(login));
  return Ask(http, login, std::move(request));
}

const char* RemedyOf(int status) {
  if (status == 401) {
    return ": give the name and password of a server admin (grafana.user, grafana.password_file); "
           "five wrong ones lock a name for five minutes";
  }
  return "";
}

}  // namespace

OrgId::OrgId(int64_t value) : value_(value) {
  if (value <= 0) throw std::logic_error("an org's id is positive, not " + std::to_string(value));
}

std::string Session::Cookie() {
  std::lock_guard lock(mutex_);
  if (cookie_.empty()) cookie_ = SignIn();
  return cookie_;
}

void Session::Renew(const std::string& stale) {
  std::lock_guard lock(mutex_);
  if (cookie_ != stale) return;  // another thread was here
  cookie_ = Rotate(stale);
  if (cookie_.empty()) cookie_ = SignIn();
}

std::string Session::SignIn() {
  CountRequest();
  std::string body = nlohmann::json({{"user", login_.user}, {"password", login_.password}}).dump();
  const Answer answer = AskOnce(login_, {.method = "POST", .path = "/login", .body = body});
  std::string cookie = CookieOf(answer);
  if (answer.status == 200 && !cookie.empty()) return cookie;
  throw Refused("signing in as " + login_.user, answer);
}

std::string Session::Rotate(const std::string& stale) {
  CountRequest();
  return CookieOf(AskOnce(
      login_,
      {.method = "POST", .path = "/api/user/auth-tokens/rotate", .headers = {{"Cookie", stale}}}));
}

Client::Client(Session& session) : session_(session), http_(PeerOf(session.login())) {}

// No Origin: Grafana would check it.
Answer Client::Send(const char* method, const std::string& path, std::optional<OrgId> org,
                    std::string_view body) {
  for (bool again = true;; again = false) {
    std::string cookie = session_.Cookie();
    HttpCall request{.method = method, .path = path, .headers = {{"Cookie", cookie}}};
    if (org) request.headers.emplace_back("X-Grafana-Org-Id", org->text());
    request.body = body;
    session_.CountRequest();
    Answer answer = Ask(http_, session_.login(), std::move(request));
    if (answer.status != 401 || !again) return answer;
    session_.Renew(cookie);
  }
}

Answer SendAsStranger(const Login& login, const char* method, const std::string& path,
                      std::string_view body) {
  return AskOnce(login, {.method = method, .path = path, .body = std::string(body)});
}

std::string Escaped(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-_.~").find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

GrafanaError Refused(const std::string& doing, const Answer& answer) {
  std::string said = TextIn(answer.body, "message");
  return {doing + ": Grafana answers " + std::to_string(answer.status) +
              (said.empty() ? "" : " \"" + said + "\"") + RemedyOf(answer.status),
          answer.status};
}

}  // namespace usage::grafana
