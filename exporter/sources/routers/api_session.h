// One signed-in connection to RouterOS' binary API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/routers/router_link.h"
#include "sources/routers/routeros_reply.h"
#include "sources/routers/routeros_words.h"

namespace usage {

// Tags run through all of a session, so that what comes late for an earlier command is told from
// what was asked for now. Whatever it throws comes of RouterLink, and has closed it.
class ApiSession {
 public:
  explicit ApiSession(const RouterConfig& router) : router_(router), link_(router) {}  // borrowed

  // Connects and signs in, either way that RouterOS has had.
  void Open(SteadyTime deadline);
  void Close() { link_.Close(); }
  bool is_open() const { return link_.is_open(); }

  uint64_t NewTag() { return ++last_tag_; }
  // Several sentences at once. False: the deadline passed.
  bool Send(const std::vector<std::vector<std::string>>& sentences, SteadyTime deadline);
  // The next reply, valid until the one after it; null: the deadline passed. A !fatal is LinkLost:
  // the router is closing.
  const ApiReply* Read(SteadyTime deadline);

  // Whether a deadline now has cut a sentence in two.
  bool is_in_mid_sentence() const { return !decoder_.is_between(); }
  // What has come since BeginPoll.
  void BeginPoll() { bytes_ = replies_ = 0; }
  size_t bytes() const { return bytes_; }
  size_t replies() const { return replies_; }

 private:
  const ApiReply& Ask(const std::vector<std::string>& sentence, SteadyTime deadline);
  void Login(SteadyTime deadline);
  [[noreturn]] void FailLogin(const ApiReply& reply);
  [[noreturn]] void FailStream(SentenceDecoder::State state);
  [[noreturn]] void EndByFatal();

  const RouterConfig& router_;
  RouterLink link_;
  SentenceDecoder decoder_;
  ApiReply reply_;
  uint64_t last_tag_ = 0;
  size_t bytes_ = 0, replies_ = 0;
};

}  // namespace usage
