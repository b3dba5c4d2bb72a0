// One connection to the binary API of a fake router.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/routers/api_words.h"
#include "sim/routers/print_query.h"
#include "sim/routers/router_service.h"
#include "sim/routers/stream.h"

namespace usage::sim {

// Commands run side by side, told apart by their tags, a few sentences of each in turn. One thread.
class ApiSession {
 public:
  // Both must outlive it.
  ApiSession(Stream& stream, RouterService& service) : stream_(stream), service_(service) {}

  // Serves until the connection is over.
  void Run();

 private:
  using Clock = std::chrono::steady_clock;

  // What a client said.
  struct Request {
    std::string command;
    std::map<std::string, std::string> attributes;
    std::vector<std::string> query;
    std::optional<std::string> tag;
  };
  // A command that is being answered.
  struct Running {
    std::optional<std::string> tag;
    std::deque<Sentence> replies;
    Clock::time_point from{};  // not before
    bool is_endless = false;   // until it is cancelled
    std::optional<RouterFault> fault;
    size_t fault_at = 0;  // when so many replies are left
  };

  void Serve();
  void Take(const Sentence& words);
  static Request Read(const Sentence& words);
  void LogIn(const Request& request);
  bool IsRightPassword(const Request& request) const;
  void SendChallenge(const Request& request);
  void Cancel(const Request& request);
  void Begin(const Request& request);
  void BeginPrint(const Request& request, const std::string& path);
  void AddRows(const PrintedTable& table, const PrintQuery& query, Running& running);
  void Curse(Running& running);
  void Trap(const Request& request, const std::string& category, const std::string& message);
  [[noreturn]] void End(const std::string& reason);

  std::chrono::milliseconds WaitingTime() const;
  void GoOn();
  bool IsReady(const Running& running) const;
  // True when the command is over.
  bool GoOn(Running& running);
  [[noreturn]] void Break(const Running& running);
  std::string Encoded(const Sentence& reply, const std::optional<std::string>& tag);
  void Shuffle(Sentence& words, size_t from);

  Stream& stream_;
  RouterService& service_;
  SentenceReader reader_;
  std::list<Running> running_;
  std::string challenge_;  // the one that was sent last
  bool is_known_ = false;  // has signed in
};

}  // namespace usage::sim
