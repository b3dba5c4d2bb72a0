#include "gateway/upstream.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "core/version.h"

namespace usage::gateway {
namespace {

using std::chrono::steady_clock;

std::string HostHeader(const UpstreamConfig& config) {
  bool is_v6 = config.host.find(':') != std::string::npos;
  std::string host = is_v6 ? "[" + config.host + "]" : config.host;
  int usual = config.tls ? 443 : 80;
  return config.port == usual ? host : host + ":" + std::to_string(config.port);
}

std::string FixedHeaders(const UpstreamConfig& config) {
  std::string text = " HTTP/1.1\r\nHost: " + HostHeader(config) + "\r\nUser-Agent: usage_gateway/" +
                     kVersion + "\r\n";
  if (!config.authorization.empty()) text += "Authorization: " + config.authorization + "\r\n";
  for (const auto& [name, value] : config.headers) text += name + ": " + value + "\r\n";
  return text;
}

[[noreturn]] void FailTls(const std::string& key, const std::string& file) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  throw std::runtime_error("upstream.tls." + key + " " + file + ": can't be used (" +
                           (reason == nullptr ? "no reason given" : reason) + ")");
}

std::shared_ptr<SSL_CTX> MakeClientContext(const UpstreamConfig& config) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const char* ca = config.ca_file.c_str();
  if (config.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), ca, nullptr) != 1) {
    FailTls("ca_file", config.ca_file);
  }
  if (config.cert_file.empty()) return context;
  if (SSL_CTX_use_certificate_chain_file(context.get(), config.cert_file.c_str()) != 1) {
    FailTls("cert_file", config.cert_file);
  }
  const char* key = config.key_file.c_str();
  if (SSL_CTX_use_PrivateKey_file(context.get(), key, SSL_FILETYPE_PEM) != 1) {
    FailTls("key_file", config.key_file);
  }
  return context;
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses Resolve(const UpstreamConfig& config) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::string port = std::to_string(config.port);
  if (::getaddrinfo(config.host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
  return {found, freeaddrinfo};
}

UpstreamFault FaultOf(Io io) {
  switch (io) {
    case Io::kOk:
      return UpstreamFault::kNone;
    case Io::kTimeout:
      return UpstreamFault::kTimeout;
    case Io::kDisturbed:
      return UpstreamFault::kClientGone;
    case Io::kEnd:
    case Io::kFailed:
      break;
  }
  return UpstreamFault::kDisconnected;
}

Io FinishConnect(int fd, SteadyTime deadline, Watch watch) {
  Io io = WaitFor({fd, POLLOUT}, watch, deadline);
  int error = 0;
  socklen_t size = sizeof error;
  if (io == Io::kOk) ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? io : Io::kFailed;
}

}  // namespace

UpstreamPool::UpstreamPool(UpstreamConfig config)
    : config_(std::move(config)), fixed_headers_(FixedHeaders(config_)) {
  if (config_.tls) tls_ = MakeClientContext(config_);
}

std::unique_ptr<Channel> UpstreamPool::TakeIdle() {
  for (;;) {
    std::unique_ptr<Channel> channel;
    {
      std::lock_guard lock(mutex_);
      if (idle_.empty()) return nullptr;
      channel = std::move(idle_.back());
      idle_.pop_back();
    }
    if (channel->IsQuiet()) return channel;
  }
}

void UpstreamPool::Keep(std::unique_ptr<Channel> channel) {
  std::unique_ptr<Channel> oldest;  // closed outside of the lock
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(channel));
  if (idle_.size() <= static_cast<size_t>(config_.max_idle)) return;
  oldest = std::move(idle_.front());
  idle_.erase(idle_.begin());
}

int UpstreamPool::OpenSocket(Watch watch, UpstreamFault* fault) const {
  *fault = UpstreamFault::kUnreachable;
  SteadyTime deadline = steady_clock::now() + config_.connect_timeout;
  Addresses addresses = Resolve(config_);
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
    int fd = ::socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) continue;
    Io io = Io::kOk;
    if (::connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
      io = errno == EINPROGRESS ? FinishConnect(fd, deadline, watch) : Io::kFailed;
    }
    if (io == Io::kOk) return fd;
    ::close(fd);
    if (io == Io::kDisturbed) *fault = UpstreamFault::kClientGone;
    if (io == Io::kDisturbed) return -1;
  }
  return -1;
}

SSL* UpstreamPool::NewSsl() const {
  if (!tls_) return nullptr;
  SSL* ssl = SSL_new(tls_.get());
  const std::string& name = config_.server_name.empty() ? config_.host : config_.server_name;
  X509_VERIFY_PARAM* verify = SSL_get0_param(ssl);
  if (X509_VERIFY_PARAM_set1_ip_asc(verify, name.c_str()) != 1) {
    SSL_set1_host(ssl, name.c_str());
    // SSL_set_tlsext_host_name without the cast of its macro.
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  SSL_set_connect_state(ssl);
  return ssl;
}

std::unique_ptr<Channel> UpstreamPool::Connect(Watch watch, UpstreamFault* fault) {
  int fd = OpenSocket(watch, fault);
  if (fd < 0) return nullptr;
  auto channel = std::make_unique<Channel>(fd, NewSsl());
  if (channel->Handshake(steady_clock::now() + config_.connect_timeout) != Io::kOk) return nullptr;
  *fault = UpstreamFault::kNone;
  return channel;
}

UpstreamExchange::UpstreamExchange(std::shared_ptr<UpstreamPool> pool, InBuffer* buffer,
                                   Watch watch)
    : pool_(std::move(pool)), buffer_(buffer), watch_(watch) {}

UpstreamExchange::~UpstreamExchange() { buffer_->Clear(); }

UpstreamFault UpstreamExchange::Start(const UpstreamRequest& request) {
  deadline_ = steady_clock::now() + pool_->config().timeout;
  while ((channel_ = pool_->TakeIdle())) {
    buffer_->Clear();
    UpstreamFault fault = Send(request);
    if (fault == UpstreamFault::kNone) fault = ReadHead();
    bool is_stale = fault == UpstreamFault::kDisconnected && buffer_->empty();
    if (!is_stale) return fault;
  }
  UpstreamFault fault = UpstreamFault::kNone;
  channel_ = pool_->Connect(watch_, &fault);
  if (fault == UpstreamFault::kNone) fault = Send(request);
  return fault == UpstreamFault::kNone ? ReadHead() : fault;
}

UpstreamFault UpstreamExchange::Send(const UpstreamRequest& request) {
  bool is_get = request.method == "GET";
  std::string text;
  text.reserve(512 + request.form.size());
  text.append(request.method).append(" ").append(pool_->config().prefix).append(request.path);
  if (is_get && !request.form.empty()) text.append("?").append(request.form);
  text.append(pool_->fixed_headers());
  text.append(request.gzip ? "Accept-Encoding: gzip\r\n" : "Accept-Encoding: identity\r\n");
  if (!is_get) {
    text.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ");
    text.append(std::to_string(request.form.size())).append("\r\n");
  }
  text.append("\r\n");
  if (!is_get) text.append(request.form);
  return FaultOf(channel_->Write(text, pool_->config().timeout, watch_));
}

UpstreamFault UpstreamExchange::ReadHead() {
  for (;;) {
    size_t end = HeadEnd(buffer_->view());
    if (end == std::string_view::npos) {
      if (buffer_->full()) return UpstreamFault::kMalformed;
      UpstreamFault fault = Fill(true);
      if (fault != UpstreamFault::kNone) return fault;
      continue;
    }
    head_text_ = buffer_->view().substr(0, end);
    buffer_->Drop(end);
    auto parsed = ParseResponseHead(head_text_);
    if (!std::holds_alternative<ResponseHead>(parsed)) return UpstreamFault::kMalformed;
    head_ = std::move(std::get<ResponseHead>(parsed));
    if (head_.status == 101 || head_.status < 100) return UpstreamFault::kMalformed;
    if (head_.status >= 200) break;
  }
  left_ = head_.body.length;
  return UpstreamFault::kNone;
}

UpstreamFault UpstreamExchange::Fill(bool is_head) {
  // A big answer may take longer in all, as long as it goes on.
  SteadyTime deadline = is_head ? deadline_ : steady_clock::now() + pool_->config().timeout;
  return FaultOf(buffer_->Fill(channel_.get(), deadline, watch_));
}

std::optional<uint64_t> UpstreamExchange::length() const {
  switch (head_.body.kind) {
    case BodyFrame::Kind::kNone:
      return 0;
    case BodyFrame::Kind::kLength:
      return head_.body.length;
    case BodyFrame::Kind::kChunked:
    case BodyFrame::Kind::kUntilClose:
      break;
  }
  return std::nullopt;
}

UpstreamFault UpstreamExchange::ReadBody(std::string* out, bool* done) {
  *done = false;
  size_t before = out->size();
  for (;;) {
    if (!TakeFromBuffer(out, done)) return UpstreamFault::kMalformed;
    if (*done) Finish();
    if (*done || out->size() > before) return UpstreamFault::kNone;
    Io io = buffer_->Fill(channel_.get(), steady_clock::now() + pool_->config().timeout, watch_);
    bool is_end = io == Io::kEnd && head_.body.kind == BodyFrame::Kind::kUntilClose;
    if (is_end) *done = true;
    if (io != Io::kOk) return is_end ? UpstreamFault::kNone : FaultOf(io);
  }
}

bool UpstreamExchange::TakeFromBuffer(std::string* out, bool* done) {
  std::string_view bytes = buffer_->view();
  size_t before = bytes.size();
  switch (head_.body.kind) {
    case BodyFrame::Kind::kNone:
      *done = true;
      return true;
    case BodyFrame::Kind::kUntilClose:
      out->append(bytes);
      buffer_->Clear();
      return true;
    case BodyFrame::Kind::kLength: {
      size_t size = static_cast<size_t>(std::min<uint64_t>(left_, before));
      out->append(bytes.substr(0, size));
      buffer_->Drop(size);
      left_ -= size;
      *done = left_ == 0;
      return true;
    }
    case BodyFrame::Kind::kChunked:
      break;
  }
  ChunkDecoder::State state = chunks_.Feed(&bytes, out);
  buffer_->Drop(before - bytes.size());
  *done = state == ChunkDecoder::State::kDone;
  return state != ChunkDecoder::State::kBad;
}

// Bytes behind the answer belong to nothing that was asked: such a connection is not used again.
void UpstreamExchange::Finish() {
  bool is_clean = !head_.closes && buffer_->empty();
  if (is_clean && channel_) pool_->Keep(std::move(channel_));
  channel_.reset();
}

}  // namespace usage::gateway
