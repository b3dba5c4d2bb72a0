#include "sources/routers/routeros_api.h"

#include <algorithm>
#include <map>

#include "sources/routers/api_session.h"
#include "sources/routers/routeros_tables.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kMostPollBytes = 64 * 1024 * 1024;
// Of a poll's time, kept for ending in good order what the router did not answer in the rest.
constexpr milliseconds kMostGrace(250);
constexpr int kGraceShare = 8;

// The tables of one poll: all asked at once, their answers as they come.
class ApiPoll {
 public:
  ApiPoll(const RouterConfig& router, const Clock& clock, ApiSession* session)
      : router_(router), clock_(clock), session_(*session), reading_(router) {}

  // Until `end`; and to `limit` to leave the session in good order. The session stays open, though
  // this throws, where it can be used again.
  RouterReading Run(PollDepth depth, SteadyTime end, SteadyTime limit);

 private:
  struct Command {
    OsQuery query;
    size_t rows = 0;
  };
  enum class Step { kGoOn, kLate, kTooMuch };

  bool Ask(PollDepth depth, SteadyTime end);
  Step TakeNext(SteadyTime end);
  Step TakeRow(Command* command, const ApiReply& reply);
  void TakeTrap(const Command& command, const ApiReply& reply);
  void Cancel(SteadyTime limit);
  [[noreturn]] void Fail(const std::string& fault, const std::string& remedy, SteadyTime limit);
  std::string Unanswered() const;

  const RouterConfig& router_;
  const Clock& clock_;
  ApiSession& session_;
  OsReading reading_;
  std::map<uint64_t, Command> running_;  // by tag
  std::string trap_;                     // the first one's fault and remedy
};

std::string MenuCommand(const OsQuery& query) { return std::string(query.menu) + "/print"; }

std::vector<std::string> SentenceOf(const OsQuery& query, uint64_t tag) {
  std::vector<std::string> words = {MenuCommand(query),
                                    "=.proplist=" + std::string(query.proplist)};
  if (!query.only.empty()) words.push_back("?" + std::string(query.only));
  words.push_back(".tag=" + std::to_string(tag));
  return words;
}

bool ApiPoll::Ask(PollDepth depth, SteadyTime end) {
  std::vector<std::vector<std::string>> sentences;
  for (const OsQuery& query : QueriesOf(router_, depth)) {
    const uint64_t tag = session_.NewTag();
    running_.emplace(tag, Command{query});
    sentences.push_back(SentenceOf(query, tag));
  }
  return session_.Send(sentences, end);
}

RouterReading ApiPoll::Run(PollDepth depth, SteadyTime end, SteadyTime limit) {
  session_.BeginPoll();
  Step step = Ask(depth, end) ? Step::kGoOn : Step::kLate;
  while (step == Step::kGoOn && !running_.empty()) step = TakeNext(end);
  if (step == Step::kLate) {
    Fail("no whole answer to " + Unanswered() + " in time",
         "see what keeps its CPU busy, take tables out of its `tables`, or raise timeout", limit);
  }
  if (step == Step::kTooMuch) {
    Fail("more than " + std::to_string(kMostRouterRows) + " rows or " +
             std::to_string(kMostPollBytes >> 20) + " MiB from " + Unanswered(),
         "no router has so many sessions: check its address", limit);
  }
  if (!trap_.empty()) throw std::runtime_error(trap_);
  return reading_.Finish();
}

ApiPoll::Step ApiPoll::TakeNext(SteadyTime end) {
  const ApiReply* reply = session_.Read(end);
  if (reply == nullptr) return Step::kLate;
  const auto found = running_.find(reply->tag);
  // Of a command that was cancelled in an earlier poll.
  if (found == running_.end()) return Step::kGoOn;
  switch (reply->kind) {
    case ApiReplyKind::kRow:
      return TakeRow(&found->second, *reply);
    case ApiReplyKind::kDone:
      reading_.End(found->second.query.table, clock_.Now());
      running_.erase(found);
      break;
    case ApiReplyKind::kTrap:
      TakeTrap(found->second, *reply);
      break;
    default:
      break;
  }
  return Step::kGoOn;
}

ApiPoll::Step ApiPoll::TakeRow(Command* command, const ApiReply& reply) {
  if (++command->rows > kMostRouterRows || session_.bytes() > kMostPollBytes) {
    return Step::kTooMuch;
  }
  reading_.Take(command->query.table, reply.attributes);
  return Step::kGoOn;
}

void ApiPoll::TakeTrap(const Command& command, const ApiReply& reply) {
  if (!trap_.empty()) return;
  const std::string_view table = ConfigName(command.query.table);
  trap_ = RouterMessage(router_,
                        "it refused " + MenuCommand(command.query) + ": " +
                            RouterSaid(router_, reply.Value("message")),
                        table.empty() ? "check that the user's group has the policies read and api"
                                      : "if it does not have that, take " + std::string(table) +
                                            " out of its tables");
}

std::string ApiPoll::Unanswered() const {
  std::string menus;
  for (const auto& [tag, command] : running_) {
    menus += (menus.empty() ? "" : ", ") + MenuCommand(command.query);
  }
  return menus;
}

void ApiPoll::Fail(const std::string& fault, const std::string& remedy, SteadyTime limit) {
  const std::string message = RouterMessage(router_, fault, remedy);
  Cancel(limit);
  throw std::runtime_error(message);
}

// A router that has answered something is alive and slow: a new connection and login would make it
// slower still. One that has said nothing or stopped in mid-sentence gets no second chance.
void ApiPoll::Cancel(SteadyTime limit) {
  if (session_.replies() == 0 || session_.is_in_mid_sentence()) return session_.Close();
  std::vector<std::vector<std::string>> sentences;
  for (const auto& [tag, command] : std::map(running_)) {
    const uint64_t own = session_.NewTag();
    running_.emplace(own, Command{});
    sentences.push_back({"/cancel", "=tag=" + std::to_string(tag), ".tag=" + std::to_string(own)});
  }
  bool is_late = !session_.Send(sentences, limit);
  while (!running_.empty() && !is_late) {
    const ApiReply* reply = session_.Read(limit);
    is_late = reply == nullptr;
    if (!is_late && reply->kind == ApiReplyKind::kDone) running_.erase(reply->tag);
  }
  if (is_late) session_.Close();
}

class RouterOsApi : public RouterSource {
 public:
  RouterOsApi(RouterConfig router, const Clock& clock)
      : router_(std::move(router)), clock_(clock), session_(router_) {}

  RouterReading Poll(PollDepth depth) override {
    const SteadyTime limit = steady_clock::now() + router_.timeout;
    if (session_.is_open()) {
      try {
        return PollOpen(depth, limit);
      } catch (const LinkLost&) {
        // A kept connection may have died long ago: this says nothing about the router yet.
        if (session_.replies() > 0) throw;
      }
    }
    session_.Open(limit);
    return PollOpen(depth, limit);
  }

 private:
  RouterReading PollOpen(PollDepth depth, SteadyTime limit) {
    const SteadyTime end = limit - std::min(kMostGrace, router_.timeout / kGraceShare);
    return ApiPoll(router_, clock_, &session_).Run(depth, end, limit);
  }

  const RouterConfig router_;
  const Clock& clock_;
  ApiSession session_;
};

}  // namespace

std::unique_ptr<RouterSource> MakeRouterOsApi(const RouterConfig& router, const Clock& clock) {
  return std::make_unique<RouterOsApi>(router, clock);
}

}  // namespace usage
