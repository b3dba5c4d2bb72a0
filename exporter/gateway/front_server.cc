#include "gateway/front_server.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "gateway/connection.h"
#include "gateway/listener.h"
#include "gateway/refusal.h"
#include "net/tls.h"
#include "net/web_gate.h"

namespace usage::gateway {
namespace {

std::string TooManyConnections() {
  std::string body = ErrorJson("unavailable", "too many connections are open now");
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
         "Connection: close\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What of the web config is used while requests are served.
struct WebRules {
  explicit WebRules(const WebConfig& config) : headers(config.headers) {
    const RateLimitConfig& limit = config.rate_limit;
    if (limit.interval.count() > 0) bucket.emplace(limit.interval, limit.burst);
  }
  const std::map<std::string, std::string> headers;
  std::optional<TokenBucket> bucket;
};

}  // namespace

class FrontServer::Impl {
 public:
  Impl(Options options, Gateway* gateway) : options_(std::move(options)), gateway_(*gateway) {
    rules_ = std::make_shared<WebRules>(options_.web);
  }
  ~Impl() {
    Stop();
    ::close(stopping_);
  }

  void Start() {
    listener_.emplace(options_.listen_address);
    if (options_.web.tls) SetUpTls();
    acceptor_ = std::thread([this] { Accept(); });
  }

  void Stop() {
    if (!acceptor_.joinable()) return;
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = ::write(stopping_, &one, sizeof one);
    acceptor_.join();
    listener_.reset();
    std::unique_lock lock(mutex_);
    auto none_left = [this] { return open_.empty(); };
    if (!changed_.wait_for(lock, options_.limits.drain, none_left)) {
      for (const auto& [fd, idle_since] : open_) ::shutdown(fd, SHUT_RDWR);
      changed_.wait(lock, none_left);
    }
    // A thread is past its last use of this object when it has counted itself out.
    changed_.wait(lock, [this] { return threads_ == 0; });
  }

  void SetWebConfig(const WebConfig& config) {
    if (config.tls != options_.web.tls) {
      throw std::runtime_error(
          "a changed tls_server_config needs a restart; nothing of the web config was taken over");
    }
    auto renewed = std::make_shared<WebRules>(config);
    std::lock_guard lock(mutex_);
    rules_ = std::move(renewed);
  }

  int port() const { return listener_->port(); }
  std::string url() const {
    return (tls_ ? "https://" : "http://") + listener_->url_host() + ":" + std::to_string(port());
  }
  int connections() const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(open_.size());
  }

 private:
  void SetUpTls() {
    tls_.emplace(*options_.web.tls, options_.log_error);
    tls_context_ = SslContextPtr(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    std::string fault = tls_->SetUp(tls_context_.get());
    if (!fault.empty()) throw std::runtime_error("TLS: " + fault);
  }

  void Accept() {
    for (;;) {
      Watch stop{stopping_, POLLIN};
      Io io = WaitFor({listener_->fd(), POLLIN}, stop, SteadyTime::max());
      bool is_stopped = WaitFor(stop, {}, {}) == Io::kOk;
      if (is_stopped || io == Io::kFailed) return;
      int fd = ::accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0) Take(fd);
      if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
        options_.log_error(std::string("can't accept a connection: ") + std::strerror(errno));
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  }

  void Take(int fd) {
    std::shared_ptr<WebRules> rules;
    auto idle_since = std::make_shared<IdleSince>(0);
    {
      std::lock_guard lock(mutex_);
      bool full = static_cast<int>(open_.size()) >= options_.limits.connections;
      if (!full || CloseIdlest()) {
        open_[fd] = idle_since;
        ++threads_;
        rules = rules_;
      }
    }
    if (!rules) return TurnAway(fd);
    try {
      std::thread([=, this] { Serve(fd, rules, idle_since.get()); }).detach();
    } catch (const std::system_error& e) {
      options_.log_error(std::string("no thread for a connection: ") + e.what());
      Forget(fd);
      ::close(fd);
      EndThread();
    }
  }

  // Under the lock. False: there is none. Its thread counts it out; until then there may be a few
  // more than the limit.
  bool CloseIdlest() {
    int idlest = -1;
    int64_t since = INT64_MAX;
    for (const auto& [fd, idle_since] : open_) {
      int64_t its = *idle_since;
      if (its == 0 || its >= since) continue;
      idlest = fd;
      since = its;
    }
    if (idlest < 0) return false;
    *open_[idlest] = 0;  // not chosen again
    ::shutdown(idlest, SHUT_RDWR);
    return true;
  }

  void TurnAway(int fd) const {
    std::string answer = TooManyConnections();
    if (!tls_) ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(fd);
  }

  void Serve(int fd, const std::shared_ptr<WebRules>& rules, IdleSince* idle_since) {
    {
      Channel channel(fd, NewSsl());
      TokenBucket* bucket = rules->bucket ? &*rules->bucket : nullptr;
      try {
        Connection(&channel, &gateway_, options_.limits, rules->headers, bucket, stopping_,
                   idle_since)
            .Serve();
      } catch (const std::exception& e) {
        options_.log_error(std::string("a connection ended: ") + e.what());
      }
      Forget(fd);  // before its number may be another's
    }
    EndThread();
  }

  SSL* NewSsl() const {
    if (!tls_) return nullptr;
    SSL* ssl = SSL_new(tls_context_.get());
    SSL_set_accept_state(ssl);
    return ssl;
  }

  void Forget(int fd) {
    std::lock_guard lock(mutex_);
    open_.erase(fd);
    changed_.notify_all();
  }

  void EndThread() {
    std::lock_guard lock(mutex_);
    --threads_;
    changed_.notify_all();  // under the lock: this object may go as soon as it is free
  }

  const Options options_;
  Gateway& gateway_;
  const int stopping_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::optional<Listener> listener_;
  std::optional<TlsServer> tls_;  // outlives the context
  SslContextPtr tls_context_;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, std::shared_ptr<IdleSince>> open_;  // guarded; by descriptor
  int threads_ = 0;                                 // guarded
  std::shared_ptr<WebRules> rules_;                 // guarded
};

FrontServer::FrontServer(Options options, Gateway* gateway)
    : impl_(std::make_unique<Impl>(std::move(options), gateway)) {}

FrontServer::~FrontServer() = default;

void FrontServer::Start() { impl_->Start(); }

int FrontServer::port() const { return impl_->port(); }

std::string FrontServer::url() const { return impl_->url(); }

int FrontServer::connections() const { return impl_->connections(); }

void FrontServer::SetWebConfig(WebConfig web) { impl_->SetWebConfig(web); }

void FrontServer::Stop() { impl_->Stop(); }

}  // namespace usage::gateway
