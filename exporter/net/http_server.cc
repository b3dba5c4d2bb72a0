#include "net/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "core/listen_address.h"
#include "net/http_router.h"
#include "net/tls.h"
#include "net/web_gate.h"

// What httplib 0.11.4 (Debian 12) can't give, and the pages here do without: a limit for a whole
// head or a whole request (its time limits are between two bytes, its size limit is for a line), a
// limit for a chunked body (so chunked requests are refused), HTTP/2.

namespace usage {
namespace {

using HandlerResponse = httplib::Server::HandlerResponse;

// httplib's own is 5: browsers that come back together after a restart would be turned away.
constexpr int kBacklog = 128;
constexpr size_t kRequestsOfAConnection = 1000;

// A client that hangs up in mid-response must not end the program, and OpenSSL writes without
// MSG_NOSIGNAL. A handler that the program has set stays.
void IgnoreBrokenPipes() {
  struct sigaction action {};
  ::sigaction(SIGPIPE, nullptr, &action);
  if (action.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
}

[[noreturn]] void FailToListen(const std::string& address, const std::string& what) {
  throw std::runtime_error("can't listen on " + address + ": " + what);
}

bool IsLineage(const std::string& name) {
  return name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" ||
         name == "LOCAL_PORT";
}

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

HttpRequest Convert(const httplib::Request& from) {
  HttpRequest to;
  to.method = from.method == "HEAD" ? "GET" : from.method;
  to.path = from.path;
  size_t question = from.target.find('?');
  if (question != std::string::npos) to.query = from.target.substr(question + 1);
  to.body = from.body;
  to.remote = from.remote_addr + ":" + std::to_string(from.remote_port);
  for (const auto& [name, value] : from.headers) {
    if (!IsLineage(name)) to.headers.emplace(LowerCase(name), value);
  }
  return to;
}

class StreamWriter : public HttpStreamWriter {
 public:
  StreamWriter(httplib::DataSink* sink, std::stop_token stop)
      : sink_(sink), stop_(std::move(stop)) {}

  bool Write(std::string_view bytes) override {
    if (bytes.empty()) return !stop_.stop_requested();  // an empty chunk would be the last
    return !stop_.stop_requested() && sink_->write(bytes.data(), bytes.size());
  }
  std::stop_token stop() const override { return stop_; }

 private:
  httplib::DataSink* const sink_;
  const std::stop_token stop_;
};

// A body goes out by a provider always: httplib copies a plain one, and compresses it every time.
void SetBody(std::shared_ptr<const std::string> body, const std::string& type, bool then_close,
             httplib::Response* to) {
  size_t size = body->size();
  if (size == 0) {
    to->set_header("Content-Type", type);
    return;
  }
  to->set_content_provider(
      size, type,
      [body = std::move(body), then_close](size_t offset, size_t, httplib::DataSink& sink) {
        // Through failure is the only way by which httplib closes a connection.
        return sink.write(body->data() + offset, body->size() - offset) && !then_close;
      });
}

// RFC 9110 8.6 and 15.4.5.
bool HasNoBody(int status) { return status == 204 || status == 304; }

std::shared_ptr<const std::string> BodyOf(HttpResponse* response) {
  if (response->shared) return response->shared;
  return std::make_shared<const std::string>(std::move(response->body));
}

enum class BodyKind { kNone, kRead, kLeftUnread };

// httplib reads the bodies of these methods, and those of others not at all.
BodyKind KindOfBody(const httplib::Request& request) {
  std::string length = request.get_header_value("Content-Length");
  bool none = length.empty() || length == "0";
  if (request.has_header("Transfer-Encoding")) return BodyKind::kLeftUnread;
  if (none) return BodyKind::kNone;
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    if (request.method == method) return BodyKind::kRead;
  }
  return BodyKind::kLeftUnread;
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(Options options) : options_(std::move(options)) {
    if (!options_.log_error) options_.log_error = [](const std::string&) {};
  }
  ~Impl() { Stop(); }

  HttpRouter& router() { return router_; }

  void Start() {
    IgnoreBrokenPipes();
    gate_ = std::make_shared<WebGate>(options_.web);
    server_ = MakeServer();
    SetUpServer();
    Bind();
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    // stop() does nothing before this, and a thread that listens could not be ended.
    while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void Stop() {
    if (!thread_.joinable()) return;
    stop_.request_stop();
    server_->stop();
    thread_.join();
  }

  void SetWebConfig(const WebConfig& config) {
    if (config.tls != options_.web.tls) {
      throw std::runtime_error(
          "a changed tls_server_config needs a restart; nothing of the web config was taken over");
    }
    auto renewed = std::make_shared<WebGate>(config);
    std::lock_guard lock(mutex_);
    gate_ = std::move(renewed);
  }

  int port() const { return port_; }

  std::string url() const {
    std::string host = address_.host;
    if (host.empty() || host == "0.0.0.0" || host == "::") host = "127.0.0.1";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
  }

 private:
  // One of Limits::streams, while it is held.
  struct StreamSlot {
    explicit StreamSlot(std::atomic<int>* used) : used_(used) { ++*used_; }
    ~StreamSlot() { --*used_; }
    std::atomic<int>* const used_;
  };

  std::shared_ptr<WebGate> gate() const {
    std::lock_guard lock(mutex_);
    return gate_;
  }

  std::unique_ptr<httplib::Server> MakeServer() {
    if (!options_.web.tls) return std::make_unique<httplib::Server>();
    tls_.emplace(*options_.web.tls, options_.log_error);
    std::string fault;
    auto server = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
      fault = tls_->SetUp(&context);
      return fault.empty();
    });
    if (!server->is_valid()) throw std::runtime_error("TLS: " + fault);
    return server;
  }

  void SetUpServer() {
    const Limits& limits = options_.limits;
    auto threads = static_cast<size_t>(limits.request_threads + limits.streams);
    server_->new_task_queue = [threads] { return new httplib::ThreadPool(threads); };
    server_->set_payload_max_length(limits.body_bytes);
    server_->set_read_timeout(limits.read_timeout);
    server_->set_write_timeout(limits.write_timeout);
    server_->set_keep_alive_timeout(limits.idle_timeout.count());
    server_->set_keep_alive_max_count(kRequestsOfAConnection);
    server_->set_tcp_nodelay(true);
    server_->set_socket_options([this](socket_t socket) {
      // Not httplib's SO_REUSEPORT: with it two servers share a port, and each has half of the
      // requests.
      int on = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      listener_ = socket;
    });
    SetHandlers();
  }

  void SetHandlers() {
    server_->set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          return ServeWithoutBody(request, &response);
        });
    httplib::Server::Handler serve = [this](const auto& request, auto& response) {
      Serve(request, &response);
    };
    server_->Post(".*", serve).Put(".*", serve).Patch(".*", serve).Delete(".*", serve);
    httplib::Server::HandlerWithResponse explain = [this](const auto&, auto& response) {
      return ExplainError(&response);
    };
    server_->set_error_handler(explain);
  }

  void Bind() {
    auto address = ParseListenAddress(options_.listen_address);
    if (!address) {
      FailToListen(options_.listen_address,
                   "it is not an address; write host:port, :port or [IPv6]:port, such as "
                   "127.0.0.1:9812");
    }
    address_ = *address;
    bool everywhere = address_.host.empty();
    // IPv6's "every address" takes IPv4's too; a machine may be without IPv6.
    bool bound = BindTo(everywhere ? "::" : address_.host) || (everywhere && BindTo("0.0.0.0"));
    if (!bound) {
      int error = errno == 0 ? EADDRNOTAVAIL : errno;
      FailToListen(options_.listen_address, std::strerror(error) + BindRemedy(error));
    }
    ::listen(listener_, kBacklog);
  }

  bool BindTo(const std::string& host) {
    errno = 0;
    port_ = address_.port;
    if (port_ != 0) return server_->bind_to_port(host, port_);
    port_ = server_->bind_to_any_port(host);
    return port_ > 0;
  }

  // Routes before httplib does: it would wait for the body of a POST that has none, and it does not
  // tell a wrong method from a wrong path.
  HandlerResponse ServeWithoutBody(const httplib::Request& request, httplib::Response* response) {
    // A server may ignore Range (RFC 9110 14.2); httplib would even send a page many times over.
    const_cast<httplib::Request&>(request).ranges.clear();
    switch (KindOfBody(request)) {
      case BodyKind::kRead:
        return HandlerResponse::Unhandled;
      case BodyKind::kLeftUnread:
        RefuseBody(request, response);
        return HandlerResponse::Handled;
      case BodyKind::kNone:
        Serve(request, response);
        return HandlerResponse::Handled;
    }
    throw std::logic_error("a kind of body without an answer");
  }

  // The connection is closed after it: what is left of the body must not be taken for a request.
  void RefuseBody(const httplib::Request& request, httplib::Response* response) {
    const_cast<httplib::Request&>(request).method = "POST";  // of HEAD nothing would be sent
    HttpResponse refusal = TextResponse(411, "Send no body, or one with a Content-Length");
    gate()->AddHeaders(&refusal);
    Fill(std::move(refusal), true, response);
    response->set_header("Connection", "close");
  }

  void Serve(const httplib::Request& from, httplib::Response* to) {
    HttpRequest request = Convert(from);
    std::shared_ptr<WebGate> gate = this->gate();
    std::optional<HttpResponse> refusal = gate->Refuse(&request);
    HttpResponse response = refusal ? *refusal : router_.Answer(request, options_.log_error);
    auto slot = response.stream ? TakeStreamSlot() : nullptr;
    if (response.stream && !slot) response = NoStreamLeft();
    gate->AddHeaders(&response);
    if (slot) {
      FillStream(std::move(response), std::move(slot), to);
    } else {
      Fill(std::move(response), false, to);
    }
  }

  std::shared_ptr<StreamSlot> TakeStreamSlot() {
    auto slot = std::make_shared<StreamSlot>(&streams_);
    return streams_ > options_.limits.streams ? nullptr : slot;
  }

  static HttpResponse NoStreamLeft() {
    HttpResponse response = TextResponse(503, "Too many streams are open; try again later");
    response.headers.emplace("Retry-After", "5");
    return response;
  }

  static void FillHead(const HttpResponse& from, httplib::Response* to) {
    to->status = from.status;
    for (const auto& [name, value] : from.headers) to->set_header(name, value);
  }

  static void Fill(HttpResponse from, bool then_close, httplib::Response* to) {
    FillHead(from, to);
    if (!HasNoBody(from.status)) SetBody(BodyOf(&from), from.content_type, then_close, to);
  }

  void FillStream(HttpResponse from, std::shared_ptr<StreamSlot> slot, httplib::Response* to) {
    FillHead(from, to);
    to->set_chunked_content_provider(
        from.content_type, [this, stream = std::move(from.stream), slot = std::move(slot)](
                               size_t, httplib::DataSink& sink) {
          RunStream(stream, &sink);
          return false;  // nothing else follows on this connection
        });
  }

  void RunStream(const HttpStream& stream, httplib::DataSink* sink) {
    StreamWriter writer(sink, stop_.get_token());
    try {
      stream(writer);
    } catch (const std::exception& e) {
      options_.log_error(std::string("a stream ended: ") + e.what());
    }
    sink->done();
  }

  // What httplib refuses by itself (400, 413, 414) leaves without a word.
  HandlerResponse ExplainError(httplib::Response* response) {
    if (response->content_provider_) return HandlerResponse::Unhandled;
    HttpResponse text = TextResponse(response->status, response->status == 413
                                                           ? "The body is too large"
                                                           : "This request can't be understood");
    gate()->AddHeaders(&text);
    Fill(std::move(text), true, response);
    response->set_header("Connection", "close");
    return HandlerResponse::Handled;
  }

  Options options_;
  HttpRouter router_;
  ListenAddress address_;
  int port_ = 0;
  socket_t listener_ = INVALID_SOCKET;  // httplib's
  std::optional<TlsServer> tls_;        // outlives server_
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
  std::stop_source stop_;
  std::atomic<int> streams_{0};

  mutable std::mutex mutex_;
  std::shared_ptr<WebGate> gate_;  // guarded by mutex_ once started
};

std::string HttpRequest::header(std::string_view name) const {
  std::string joined;
  auto [begin, end] = headers.equal_range(std::string(name));
  for (auto field = begin; field != end; ++field) {
    joined += (field == begin ? "" : ", ") + field->second;
  }
  return joined;
}

HttpServer::HttpServer(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpServer::~HttpServer() = default;

void HttpServer::Handle(const std::string& method, const std::string& path, HttpHandler handler) {
  impl_->router().Add(method, path, std::move(handler));
}

void HttpServer::Start() { impl_->Start(); }

int HttpServer::port() const { return impl_->port(); }

std::string HttpServer::url() const { return impl_->url(); }

void HttpServer::SetWebConfig(WebConfig web) { impl_->SetWebConfig(web); }

void HttpServer::Stop() { impl_->Stop(); }

}  // namespace usage
