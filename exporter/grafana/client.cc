#include "grafana/client.h"

#include <httplib.h>

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

std::string CookieOf(const httplib::Response& response) {
  auto [begin, end] = response.headers.equal_range("Set-Cookie");
  for (auto it = begin; it != end; ++it) {
    const std::string& value = it->second;
    if (value.starts_with(kCookieName)) return value.substr(0, value.find(';'));
  }
  return "";
}

Answer AnswerOf(httplib::Response response) {
  Answer answer{response.status, std::move(response.body)};
  for (const auto& [name, value] : response.headers) {
    std::string lower;
    for (char c : name) lower.push_back(static_cast<char>(std::tolower(c)));
    answer.headers.emplace(lower, value);
  }
  return answer;
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

class Wire {
 public:
  explicit Wire(const Login& login) : url_(login.url.Origin()), path_(login.url.path), http_(url_) {
    if (!login.ca_file.empty()) http_.set_ca_cert_path(login.ca_file.c_str());
    http_.set_keep_alive(true);
    http_.set_tcp_nodelay(true);
    http_.set_url_encode(false);
    http_.set_connection_timeout(kConnectTimeout);
    http_.set_read_timeout(kAnswerTimeout);
    http_.set_write_timeout(kAnswerTimeout);
  }

  httplib::Response Send(const char* method, const std::string& path, httplib::Headers headers,
                         std::string_view body) {
    httplib::Request request;
    request.method = method;
    request.path = path_ + path;
    request.headers = std::move(headers);
    if (!body.empty()) request.set_header("Content-Type", "application/json");
    request.body = body;
    auto result = http_.send(request);
    if (!result) {
      throw GrafanaError("Grafana at " + url_ + ": " + httplib::to_string(result.error()), 0);
    }
    return std::move(*result);
  }

 private:
  const std::string url_;
  const std::string path_;
  httplib::Client http_;
};

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
  httplib::Response response = Wire(login_).Send("POST", "/login", {}, body);
  std::string cookie = CookieOf(response);
  if (response.status == 200 && !cookie.empty()) return cookie;
  throw Refused("signing in as " + login_.user, {response.status, response.body});
}

std::string Session::Rotate(const std::string& stale) {
  CountRequest();
  return CookieOf(
      Wire(login_).Send("POST", "/api/user/auth-tokens/rotate", {{"Cookie", stale}}, ""));
}

Client::Client(Session& session)
    : session_(session), wire_(std::make_unique<Wire>(session.login())) {}

Client::~Client() = default;

// No Origin: Grafana would check it.
Answer Client::Send(const char* method, const std::string& path, std::optional<OrgId> org,
                    std::string_view body) {
  for (bool again = true;; again = false) {
    std::string cookie = session_.Cookie();
    httplib::Headers headers = {{"Cookie", cookie}};
    if (org) headers.emplace("X-Grafana-Org-Id", org->text());
    session_.CountRequest();
    httplib::Response response = wire_->Send(method, path, std::move(headers), body);
    if (response.status != 401 || !again) return AnswerOf(std::move(response));
    session_.Renew(cookie);
  }
}

Answer SendAsStranger(const Login& login, const char* method, const std::string& path,
                      std::string_view body) {
  return AnswerOf(Wire(login).Send(method, path, {}, body));
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
