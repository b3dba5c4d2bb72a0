#include "sources/routers/router_link.h"

#include <algorithm>

#include "core/utf8.h"
#include "net/dial.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kBufferBytes = 16 * 1024;  // a TLS record
constexpr size_t kMostSaid = 200;

// `text` itself where there is nothing to hide.
std::string Without(std::string text, const std::string& secret) {
  if (secret.empty()) return text;
  for (size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + 3)) {
    text.replace(at, secret.size(), "***");
  }
  return text;
}

std::string Where(const RouterConfig& router) {
  const bool is_v6 = router.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + router.host + "]" : router.host;
  return host + ":" + std::to_string(router.port);
}

}  // namespace

std::string RouterSaid(const RouterConfig& router, std::string_view text) {
  std::string said = RepairedUtf8(text.substr(0, 4 * kMostSaid));
  std::replace_if(
      said.begin(), said.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  said = Without(std::move(said), router.password);
  if (said.size() <= kMostSaid) return said;
  size_t end = 0;
  while (end < kMostSaid) end += Utf8CharacterSize(said, end);
  return said.substr(0, end) + "…";
}

std::string RouterMessage(const RouterConfig& router, const std::string& fault,
                          const std::string& remedy) {
  return "router " + router.name + " (" + Where(router) + "): " + fault + "; " + remedy;
}

void RouterLink::Fail(const std::string& fault, const std::string& remedy) {
  Close();
  throw std::runtime_error(RouterMessage(router_, fault, remedy));
}

void RouterLink::Lost() {
  Close();
  throw LinkLost(RouterMessage(router_, "it closed the connection before its answer was whole",
                               "look into its log, and whether it restarted"));
}

void RouterLink::Open(SteadyTime deadline) {
  Close();
  SSL* ssl = NewSsl();
  const Dialled dialled = Dial(router_.host, router_.port, deadline);
  channel_.reset(dialled.fd < 0 ? nullptr : new Channel(dialled.fd, ssl));
  if (channel_ == nullptr) {
    Fail("can't connect: " + dialled.error,
         "check its address, that the service is on, and that it takes connections from here");
  }
  in_ = std::make_unique<InBuffer>(kBufferBytes);
  Handshake(deadline);
}

SSL* RouterLink::NewSsl() {
  if (!router_.use_tls) return nullptr;
  if (!tls_) {
    const TlsClientConfig config{.ca_file = router_.tls.ca_file,
                                 .fingerprint = router_.tls.fingerprint};
    tls_.emplace(config, "router " + router_.name + ": tls.");
  }
  return tls_->NewSsl(router_.host);
}

void RouterLink::Handshake(SteadyTime deadline) {
  const Io io = channel_->Handshake(deadline);
  if (io == Io::kOk) return;
  const std::string error = io == Io::kTimeout ? "no answer in time" : channel_->HandshakeError();
  if (!router_.tls.fingerprint.empty() && !tls_->shown().empty()) {
    Fail("it shows another certificate than the pinned one, of SHA-256 " + tls_->shown(),
         "if it was changed on purpose, set tls.fingerprint to that; else somebody is in between");
  }
  Fail("no TLS connection: " + error,
       "check that the port speaks TLS, and tls.ca_file or tls.fingerprint");
}

void RouterLink::Close() {
  channel_.reset();
  in_.reset();
}

bool RouterLink::Answered(Io io) {
  if (io == Io::kTimeout) return false;
  if (io != Io::kOk) Lost();
  return true;
}

bool RouterLink::Send(std::string_view bytes, SteadyTime deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  return Answered(channel_->Write(bytes, std::max(left, milliseconds(0))));
}

bool RouterLink::Receive(SteadyTime deadline) {
  return Answered(in_->Fill(channel_.get(), deadline));
}

}  // namespace usage
