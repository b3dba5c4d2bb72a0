// The other end of the live push: takes requests as bytes, and answers as the test wants.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace usage::testing {

struct PushSeen {
  std::string head;  // with the empty line
  std::string body;

  std::string token() const;  // of "Authorization: Bearer …"; "" without
};

class FakeGrafana {
 public:
  // What it answers: a status, or one of these.
  static constexpr int kSilence = 0;  // reads, and never answers
  using Answer = std::function<int(const PushSeen&)>;

  // On a free port, or on the one that an earlier one had.
  explicit FakeGrafana(int port = 0);
  ~FakeGrafana();

  int port() const { return port_; }
  // From now on; 200 for all before the first call.
  void SetAnswer(Answer answer);

  // The first `count` pushes, once they have come; throws after a minute.
  std::vector<PushSeen> WaitFor(size_t count);
  // The newest push that `is_it` likes, once there is one after the first `seen`.
  PushSeen WaitFor(const std::function<bool(const PushSeen&)>& is_it, size_t seen = 0);
  size_t pushes() const;
  int connections() const { return connections_; }

 private:
  void Accept();
  void Serve(int fd);
  bool ServeOne(int fd, std::string* received);

  int listener_;
  int port_ = 0;
  std::atomic<int> connections_{0};
  std::atomic<bool> is_closing_{false};
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  Answer answer_ = [](const PushSeen&) { return 200; };
  std::vector<PushSeen> seen_;
  std::vector<int> open_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace usage::testing
