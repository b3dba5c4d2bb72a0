// A router of which a test writes each byte: a server on 127.0.0.1 that does on each connection
// what its script says.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/channel.h"
#include "net/tls.h"
#include "sources/routers/routeros_words.h"

namespace usage::testing {

// The router's end of a connection. Waits at most a minute: generous for sanitizers.
class RouterPeer {
 public:
  explicit RouterPeer(Channel* channel) : channel_(*channel), in_(64 * 1024) {}

  void Send(std::string_view bytes);
  // What the client has sent: one sentence, or one HTTP request's head; empty: it closed.
  std::vector<std::string> ReadSentence();
  std::string ReadRequest();
  // Until the client closes.
  void Hang();

  void Say(const std::vector<std::string>& sentence);

 private:
  bool Fill();

  Channel& channel_;
  InBuffer in_;
  SentenceDecoder decoder_;
};

using RouterScript = std::function<void(RouterPeer& peer)>;

class ScriptedRouter {
 public:
  // The first connection gets the first script, and so on; those after the last get the last.
  explicit ScriptedRouter(std::vector<RouterScript> scripts, SslContextPtr tls = nullptr);
  ~ScriptedRouter();

  int port() const { return port_; }
  int connections() const;

 private:
  void Accept();
  void Serve(int fd, size_t number);

  const std::vector<RouterScript> scripts_;
  const SslContextPtr tls_;
  int listener_ = -1;
  int port_ = 0;
  int stop_ = -1;  // an eventfd
  mutable std::mutex mutex_;
  std::vector<std::thread> connections_;  // guarded
  std::thread acceptor_;
};

}  // namespace usage::testing
