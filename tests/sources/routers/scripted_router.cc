#include "tests/sources/routers/scripted_router.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace usage::testing {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kPatience(60);

SSL* ServerSsl(const SslContextPtr& context) {
  if (!context) return nullptr;
  SSL* ssl = SSL_new(context.get());
  SSL_set_accept_state(ssl);
  return ssl;
}

}  // namespace

void RouterPeer::Send(std::string_view bytes) { channel_.Write(bytes, kPatience); }

void RouterPeer::Say(const std::vector<std::string>& sentence) {
  std::string bytes;
  AppendApiSentence(sentence, &bytes);
  Send(bytes);
}

bool RouterPeer::Fill() {
  const Io io = in_.Fill(&channel_, steady_clock::now() + kPatience);
  EXPECT_NE(io, Io::kTimeout) << "the client neither said anything nor closed";
  return io == Io::kOk;
}

std::vector<std::string> RouterPeer::ReadSentence() {
  for (;;) {
    std::string_view bytes = in_.view();
    const size_t before = bytes.size();
    const auto state = decoder_.Feed(&bytes);
    in_.Drop(before - bytes.size());
    if (state == SentenceDecoder::State::kSentence) break;
    if (state != SentenceDecoder::State::kMore || !Fill()) return {};
  }
  return {decoder_.words().begin(), decoder_.words().end()};
}

std::string RouterPeer::ReadRequest() {
  constexpr std::string_view kEnd = "\r\n\r\n";
  while (in_.view().find(kEnd) == std::string_view::npos) {
    if (!Fill()) return "";
  }
  std::string request(in_.view().substr(0, in_.view().find(kEnd)));
  in_.Drop(request.size() + kEnd.size());
  return request;
}

void RouterPeer::Hang() {
  do {
    in_.Clear();
  } while (Fill());
}

ScriptedRouter::ScriptedRouter(std::vector<RouterScript> scripts, SslContextPtr tls)
    : scripts_(std::move(scripts)),
      tls_(std::move(tls)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(listener_, generic, size), 0);
  EXPECT_EQ(::listen(listener_, 8), 0);
  EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

ScriptedRouter::~ScriptedRouter() {
  const uint64_t one = 1;
  EXPECT_EQ(::write(stop_, &one, sizeof one), ssize_t{sizeof one});
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  ::close(listener_);
  ::close(stop_);
}

int ScriptedRouter::connections() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(connections_.size());
}

void ScriptedRouter::Accept() {
  while (WaitFor({listener_, POLLIN}, {stop_, POLLIN}, SteadyTime::max()) == Io::kOk) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    std::lock_guard lock(mutex_);
    const size_t number = connections_.size();
    connections_.emplace_back([this, fd, number] { Serve(fd, number); });
  }
}

void ScriptedRouter::Serve(int fd, size_t number) {
  Channel channel(fd, ServerSsl(tls_));
  if (channel.Handshake(steady_clock::now() + kPatience) != Io::kOk) return;
  RouterPeer peer(&channel);
  scripts_[std::min(number, scripts_.size() - 1)](peer);
}

}  // namespace usage::testing
