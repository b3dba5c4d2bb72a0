#include "sim/routers/api_session.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace usage::sim {
namespace {

using std::chrono::milliseconds;

constexpr size_t kTurn = 32;  // sentences of one command before it is the next one's turn
constexpr std::chrono::seconds kSlowness(2);
const char* const kRefusal = "invalid user name or password (6)";

std::string Hex(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    text += digits;
  }
  return text;
}

std::string Md5(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL gives no MD5, which RouterOS 6.42 needs");
  }
  return std::string(digest.begin(), digest.begin() + size);
}

std::string ValueOr(const std::map<std::string, std::string>& values, const std::string& name) {
  auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

}  // namespace

void ApiSession::Run() try { Serve(); } catch (const StreamEnd&) {
  // Whoever ended it knows.
} catch (const std::runtime_error& error) {
  try {
    stream_.Write(EncodeSentence({"!fatal", error.what()}));
  } catch (const StreamEnd&) {
  }
}

void ApiSession::Serve() {
  while (true) {
    reader_.Add(stream_.Read(WaitingTime()));
    if (service_.is_off()) return stream_.Reset();
    while (auto words = reader_.Next()) Take(*words);
    GoOn();
  }
}

milliseconds ApiSession::WaitingTime() const {
  auto now = Clock::now();
  milliseconds wait(1000);
  for (const Running& running : running_) {
    if (running.is_endless && running.replies.empty()) continue;
    auto left = std::chrono::ceil<milliseconds>(running.from - now);
    wait = std::clamp(left, milliseconds(0), wait);
  }
  return wait;
}

ApiSession::Request ApiSession::Read(const Sentence& words) {
  Request request;
  if (!words.empty()) request.command = words[0];
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    size_t equals = word.find('=', 1);
    std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (word.starts_with(".tag=")) {
      request.tag = value;
    } else if (word.starts_with('?')) {
      request.query.push_back(word.substr(1));
    } else if (word.starts_with('=')) {
      request.attributes[word.substr(1, equals - 1)] = value;
    }
  }
  return request;
}

void ApiSession::Take(const Sentence& words) {
  Request request = Read(words);
  if (request.command.empty()) return;
  if (request.command == "/login") return LogIn(request);
  if (!is_known_) End("not logged in");
  if (request.command == "/quit") End("session terminated on request");
  if (request.command == "/cancel") return Cancel(request);
  Begin(request);
}

void ApiSession::End(const std::string& reason) {
  stream_.Write(EncodeSentence({"!fatal", reason}));
  throw StreamEnd();
}

void ApiSession::LogIn(const Request& request) {
  bool is_second = request.attributes.contains("response");
  if (service_.has(RouterFault::kOldLogin) && !is_second) return SendChallenge(request);
  if (!IsRightPassword(request) || service_.RefusesNext()) {
    return Trap(request, "", kRefusal);
  }
  is_known_ = true;
  stream_.Write(Encoded({"!done"}, request.tag));
}

void ApiSession::SendChallenge(const Request& request) {
  uint64_t numbers[2] = {service_.NextNumber(), service_.NextNumber()};
  challenge_.assign(reinterpret_cast<const char*>(numbers), sizeof numbers);
  stream_.Write(Encoded({"!done", "=ret=" + Hex(challenge_)}, request.tag));
}

bool ApiSession::IsRightPassword(const Request& request) const {
  const RouterAccount& account = service_.account();
  if (ValueOr(request.attributes, "name") != account.user) return false;
  if (!service_.has(RouterFault::kOldLogin)) {
    return ValueOr(request.attributes, "password") == account.password;
  }
  std::string expected = "00" + Hex(Md5('\0' + account.password + challenge_));
  return !challenge_.empty() && ValueOr(request.attributes, "response") == expected;
}

void ApiSession::Trap(const Request& request, const std::string& category,
                      const std::string& message) {
  Sentence trap = {"!trap", "=message=" + message};
  if (!category.empty()) trap.push_back("=category=" + category);
  stream_.Write(Encoded(trap, request.tag) + Encoded({"!done"}, request.tag));
}

void ApiSession::Cancel(const Request& request) {
  std::string tag = ValueOr(request.attributes, "tag");
  bool is_all = !request.attributes.contains("tag");
  for (auto it = running_.begin(); it != running_.end();) {
    if (!is_all && it->tag.value_or("") != tag) {
      ++it;
      continue;
    }
    stream_.Write(Encoded({"!trap", "=category=2", "=message=interrupted"}, it->tag) +
                  Encoded({"!done"}, it->tag));
    it = running_.erase(it);
  }
  stream_.Write(Encoded({"!done"}, request.tag));
}

void ApiSession::Begin(const Request& request) {
  size_t slash = request.command.rfind('/');
  if (slash == std::string::npos) return Trap(request, "0", "no such command");
  std::string path = request.command.substr(0, slash), verb = request.command.substr(slash + 1);
  if (verb == "print" || verb == "getall") return BeginPrint(request, path);
  if (verb != "listen" || !service_.Print(path)) {
    return Trap(request, "0", "no such command or directory (" + verb + ")");
  }
  Running& listening = running_.emplace_back();
  listening.tag = request.tag;
  listening.is_endless = true;
}

void ApiSession::BeginPrint(const Request& request, const std::string& path) {
  auto table = service_.Print(path);
  if (!table) return Trap(request, "0", "no such command prefix");
  auto query = PrintQuery::Parse(request.query);
  if (!query) return Trap(request, "1", query.error());
  query->SetProplist(ValueOr(request.attributes, ".proplist"));
  Running& running = running_.emplace_back();
  running.tag = request.tag;
  running.fault = service_.NextFault();
  AddRows(*table, *query, running);
  Curse(running);
}

void ApiSession::AddRows(const PrintedTable& table, const PrintQuery& query, Running& running) {
  for (const PrintedRow& row : table.rows) {
    if (!query.Takes(row)) continue;
    Sentence& reply = running.replies.emplace_back(1, "!re");
    for (const auto& [name, value] : query.Columns(row)) {
      reply.push_back("=" + name + "=" + value);
    }
  }
  bool says_empty = running.replies.empty() && service_.has(RouterFault::kEmpty);
  if (says_empty) running.replies.push_back({"!empty"});
  running.replies.push_back({"!done"});
}

// Faults in the middle of an answer come after half of it.
void ApiSession::Curse(Running& running) {
  if (running.fault == RouterFault::kSlow) running.from = Clock::now() + kSlowness;
  if (running.fault == RouterFault::kTrap) {
    running.replies = {{"!trap", "=category=4", "=message=internal failure"}, {"!done"}};
  }
  bool is_harmless = running.fault == RouterFault::kSlow || running.fault == RouterFault::kTrap;
  if (is_harmless) running.fault.reset();
  running.fault_at = (running.replies.size() + 1) / 2;
}

void ApiSession::GoOn() {
  for (auto it = running_.begin(); it != running_.end();) {
    bool is_over = IsReady(*it) && GoOn(*it);
    it = is_over ? running_.erase(it) : std::next(it);
  }
}

bool ApiSession::IsReady(const Running& running) const {
  return !running.replies.empty() && Clock::now() >= running.from;
}

bool ApiSession::GoOn(Running& running) {
  std::string bytes;
  for (size_t i = 0; i < kTurn && !running.replies.empty(); ++i) {
    if (running.fault && running.replies.size() <= running.fault_at) {
      stream_.Write(bytes);
      Break(running);
    }
    bytes += Encoded(running.replies.front(), running.tag);
    running.replies.pop_front();
  }
  stream_.Write(bytes);
  return running.replies.empty();
}

void ApiSession::Break(const Running& running) {
  std::string next = Encoded(running.replies.front(), running.tag);
  switch (*running.fault) {
    case RouterFault::kFatal:
      End("router is shutting down");
    case RouterFault::kTruncated:
      stream_.Write(EncodeLength(200) + "=name=");
      throw StreamEnd();
    case RouterFault::kReserved:
      stream_.Write("\xF8\x01\x02\x03");
      AwaitTheEnd(stream_);
    case RouterFault::kDrop:
      stream_.Write(next.substr(0, next.size() / 2));
      stream_.Reset();
      throw StreamEnd();
    default:
      stream_.Write(next.substr(0, next.size() / 2));
      AwaitTheEnd(stream_);
  }
}

// The order of attributes means nothing, and no client shall find out that it does.
void ApiSession::Shuffle(Sentence& words, size_t from) {
  Random random(service_.NextNumber());
  for (size_t i = words.size(); i > from + 1; --i) {
    auto other = random.Between(static_cast<int64_t>(from), static_cast<int64_t>(i - 1));
    std::swap(words[i - 1], words[static_cast<size_t>(other)]);
  }
}

std::string ApiSession::Encoded(const Sentence& reply, const std::optional<std::string>& tag) {
  Sentence words = reply;
  if (tag) words.push_back(".tag=" + *tag);
  Shuffle(words, 1);
  return EncodeSentence(words);
}

}  // namespace usage::sim
