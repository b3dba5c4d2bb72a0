#include "gateway/upstream.h"

#include "core/version.h"
#include "net/dial.h"

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

UpstreamFault FaultOf(HttpIo io) {
  switch (io) {
    case HttpIo::kOk:
      return UpstreamFault::kNone;
    case HttpIo::kTimeout:
      return UpstreamFault::kTimeout;
    case HttpIo::kDisturbed:
      return UpstreamFault::kClientGone;
    case HttpIo::kMalformed:
      return UpstreamFault::kMalformed;
    case HttpIo::kDisconnected:
      break;
  }
  return UpstreamFault::kDisconnected;
}

}  // namespace

UpstreamPool::UpstreamPool(UpstreamConfig config)
    : config_(std::move(config)), fixed_headers_(FixedHeaders(config_)) {
  if (!config_.tls) return;
  const TlsClientConfig tls{
      .ca_file = config_.ca_file, .cert_file = config_.cert_file, .key_file = config_.key_file};
  tls_.emplace(tls, "upstream.tls.");
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

SSL* UpstreamPool::NewSsl() const {
  if (!tls_) return nullptr;
  return tls_->NewSsl(config_.server_name.empty() ? config_.host : config_.server_name);
}

std::unique_ptr<Channel> UpstreamPool::Connect(Watch watch, UpstreamFault* fault) {
  const Dialled dialled =
      Dial(config_.host, config_.port, steady_clock::now() + config_.connect_timeout, watch);
  *fault = dialled.io == Io::kDisturbed ? UpstreamFault::kClientGone : UpstreamFault::kUnreachable;
  if (dialled.fd < 0) return nullptr;
  auto channel = std::make_unique<Channel>(dialled.fd, NewSsl());
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
  return FaultOf(HttpIoOf(channel_->Write(text, pool_->config().timeout, watch_)));
}

UpstreamFault UpstreamExchange::ReadHead() {
  reply_.emplace(channel_.get(), buffer_, watch_);
  return FaultOf(reply_->ReadHead(deadline_));
}

UpstreamFault UpstreamExchange::ReadBody(std::string* out, bool* done) {
  // A big answer may take longer in all, as long as it goes on.
  const SteadyTime deadline = steady_clock::now() + pool_->config().timeout;
  const HttpIo io = reply_->ReadBody(out, done, deadline);
  if (*done) Finish();
  return FaultOf(io);
}

void UpstreamExchange::Finish() {
  if (reply_->leaves_clean() && channel_) pool_->Keep(std::move(channel_));
  channel_.reset();
}

}  // namespace usage::gateway
