// The connection to one router, plain or under TLS, kept from poll to poll.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/config.h"
#include "net/channel.h"
#include "net/tls_client.h"

namespace usage {

// The other end is gone. What was asked on a kept connection may be asked on a new one.
class LinkLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a router said, for a message: UTF-8 on one line, not long, and without the password.
std::string RouterSaid(const RouterConfig& router, std::string_view text);

// "router edge-1 (10.0.0.7:8729): FAULT; REMEDY".
std::string RouterMessage(const RouterConfig& router, const std::string& fault,
                          const std::string& remedy);

// Whatever it throws is a std::runtime_error with a RouterMessage, and closes it.
class RouterLink {
 public:
  explicit RouterLink(const RouterConfig& router) : router_(router) {}  // borrowed

  void Open(SteadyTime deadline);
  void Close();
  bool is_open() const { return channel_ != nullptr; }

  // Both throw LinkLost where the connection ends. False: the deadline passed.
  bool Send(std::string_view bytes, SteadyTime deadline);
  bool Receive(SteadyTime deadline);

  // What has been received and not yet been used. Only while it is open.
  InBuffer& in() { return *in_; }
  Channel& channel() { return *channel_; }

  [[noreturn]] void Lost();
  [[noreturn]] void Fail(const std::string& fault, const std::string& remedy);

 private:
  SSL* NewSsl();
  void Handshake(SteadyTime deadline);
  bool Answered(Io io);

  const RouterConfig& router_;
  std::optional<TlsClient> tls_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<InBuffer> in_;
};

}  // namespace usage
