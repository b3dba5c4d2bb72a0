#include "api/routes.h"

#include <string_view>
#include <utility>

#include "api/assets.h"
#include "api/negotiation.h"
#include "api/readiness.h"
#include "metrics/gzip.h"

namespace usage {
namespace {

using Headers = std::multimap<std::string, std::string>;

HttpResponse Text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers.emplace("Cache-Control", "no-store");
  response.headers.emplace("X-Content-Type-Options", "nosniff");
  return response;
}

// What the page needs and nothing else: no script and no style but its own files, no frame around
// it. Its own icon is drawn by the script, so it is a data: URL.
Headers PageHeaders() {
  return {{"Content-Security-Policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
           "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Vary", "Accept-Encoding"},
          // Kept, but asked for each time: a new version's script must not meet an old page.
          {"Cache-Control", "no-cache"}};
}

// RFC 9110 13.1.2: a list of entity tags, or "*". Weak comparison, so "W/" before one is ignored.
bool Lists(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

// One way of sending a file; its tag differs from the other's, as the bytes do (RFC 9110 8.8.3.3).
struct Representation {
  std::string etag;
  std::shared_ptr<const std::string> body;
};

Representation Plain(const Asset& asset) {
  return {'"' + std::string(asset.hash) + '"', std::make_shared<const std::string>(asset.body)};
}

Representation Compressed(const Asset& asset) {
  std::string body;
  Gzip().Compress(asset.body, body);
  return {'"' + std::string(asset.hash) + "-gzip\"",
          std::make_shared<const std::string>(std::move(body))};
}

HttpHandler ServeAsset(const char* name, const char* content_type) {
  Asset asset = FindAsset(name);
  return [content_type, plain = Plain(asset), compressed = Compressed(asset)](const auto& request) {
    bool gzip = AcceptsGzip(request.header("accept-encoding"));
    const Representation& chosen = gzip ? compressed : plain;
    bool known = Lists(request.header("if-none-match"), chosen.etag);
    HttpResponse response;
    response.status = known ? 304 : 200;
    response.content_type = content_type;
    response.headers = PageHeaders();
    response.headers.emplace("ETag", chosen.etag);
    if (gzip && !known) response.headers.emplace("Content-Encoding", "gzip");
    if (!known) response.shared = chosen.body;
    return response;
  };
}

template <typename Pages>
HttpHandler ServeMetrics(const Pages& pages) {
  return [&pages](const HttpRequest& request) {
    auto format = ChooseFormat(request.header("accept"));
    bool gzip = AcceptsGzip(request.header("accept-encoding"));
    Page page = pages.Get(format, gzip);
    HttpResponse response;
    response.content_type = page.content_type;
    response.headers = {{"Vary", "Accept, Accept-Encoding"}, {"Cache-Control", "no-store"}};
    if (gzip) response.headers.emplace("Content-Encoding", "gzip");
    response.shared = page.body;
    return response;
  };
}

HttpResponse ServeReady(const SnapshotHub& hub) {
  std::string why = WhyNotReady(hub.Latest().get());
  return why.empty() ? Text(200, "ready\n") : Text(503, "not ready: " + why);
}

HttpResponse ServeReload(const std::function<std::string()>& reload) {
  std::string error = reload();
  return error.empty() ? Text(200, "reloaded\n") : Text(500, error + "\n");
}

HttpHandler ServeEvents(const EventFeed& events) {
  return [&events](const HttpRequest& request) {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.headers = {{"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"X-Accel-Buffering", "no"}};  // nginx would hold events back
    response.stream = [&events, seen = request.header("last-event-id")](HttpStreamWriter& writer) {
      events.Serve(writer, seen);
    };
    return response;
  };
}

void AddPage(HttpServer& server) {
  server.Handle("GET", "/", ServeAsset("index.html", "text/html; charset=utf-8"));
  server.Handle("GET", "/app.css", ServeAsset("app.css", "text/css; charset=utf-8"));
  server.Handle("GET", "/app.js", ServeAsset("app.js", "text/javascript; charset=utf-8"));
}

}  // namespace

void AddRoutes(HttpServer& server, const ApiParts& parts) {
  AddPage(server);
  server.Handle("GET", "/events", ServeEvents(parts.events));
  server.Handle("GET", "/metrics", ServeMetrics(parts.pages));
  server.Handle("GET", "/metrics/history", ServeMetrics(parts.history));
  server.Handle("GET", "/-/healthy", [](const HttpRequest&) { return Text(200, "healthy\n"); });
  server.Handle("GET", "/-/ready",
                [&hub = parts.hub](const HttpRequest&) { return ServeReady(hub); });
  server.Handle("POST", "/-/reload",
                [reload = parts.reload](const HttpRequest&) { return ServeReload(reload); });
}

}  // namespace usage
