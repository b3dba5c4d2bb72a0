// What the billing database tells of its own accord: which rows have changed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "config/config.h"
#include "net/postgres.h"
#include "sources/postgres/backoff.h"

namespace usage {

// Listens on a connection of its own to what the source's trigger says (feed_ddl.h). It only makes
// readings come sooner: what is lost, or too much, the next regular reading finds.
class NotifyFeed {
 public:
  // A wake names at most so many rows; with more the regular reading is the cheaper one.
  static constexpr size_t kMostRows = 1000;

  struct Hooks {
    std::function<void()> wake;                          // there are changes to take
    std::function<void(const std::string& error)> note;  // how listening goes; "": well
  };
  struct Changes {
    bool all = false;  // listening has begun: what was said before was not heard
    std::vector<std::string> keys;
  };
  struct Status {
    bool listening = false;
    uint64_t notifications = 0;  // since the start
  };

  // Opens no connection. The hooks are called by the feed's thread.
  NotifyFeed(const SourceConfig& config, Hooks hooks);
  ~NotifyFeed() { Stop(); }

  void Start();
  // Returns within a tenth of a second, or when a connection under way is made or given up.
  void Stop();

  // What has changed since the call before; nothing when that is too much. Thread-safe.
  Changes Take();
  // The regular reading begins: it sees whatever was said so far. Thread-safe.
  void Forget();
  Status status() const;

 private:
  void Run(const std::stop_token& stop);
  void Listen(const std::stop_token& stop);
  void Take(const std::vector<std::string>& payloads);
  void AddKeys(const std::string& payload);

  const std::string name_;
  const std::string channel_;
  const std::string display_;
  const std::string conninfo_;
  const std::chrono::milliseconds timeout_;
  const Hooks hooks_;
  Backoff backoff_;  // the thread's

  std::mutex mutex_;  // guards the next three
  std::set<std::string> keys_;
  bool is_too_much_ = false;
  bool is_new_ = false;
  std::atomic<bool> listening_{false};
  std::atomic<uint64_t> notifications_{0};
  std::jthread thread_;  // the last member: it uses the others
};

}  // namespace usage
