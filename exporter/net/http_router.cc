#include "net/http_router.h"

#include <exception>
#include <utility>

namespace usage {

HttpResponse TextResponse(int status, const std::string& text) {
  HttpResponse response;
  response.status = status;
  response.body = text + "\n";
  return response;
}

void HttpRouter::Add(const std::string& method, const std::string& path, HttpHandler handler) {
  routes_[path][method] = std::move(handler);
}

HttpResponse HttpRouter::Answer(const HttpRequest& request,
                                const std::function<void(const std::string&)>& log_error) const {
  auto route = routes_.find(request.path);
  if (route == routes_.end()) return TextResponse(404, "Not found");
  auto handler = route->second.find(request.method);
  if (handler == route->second.end()) return WrongMethod(route->second);
  try {
    return handler->second(request);
  } catch (const std::exception& e) {
    if (log_error) log_error(request.method + " " + request.path + ": " + e.what());
    return TextResponse(500, "Internal server error; the log says more");
  }
}

HttpResponse HttpRouter::WrongMethod(const Methods& methods) {
  std::string allowed;
  for (const auto& [method, handler] : methods) {
    allowed += (allowed.empty() ? "" : ", ") + method;
    if (method == "GET") allowed += ", HEAD";
  }
  HttpResponse response = TextResponse(405, "Method not allowed; use " + allowed);
  response.headers.emplace("Allow", allowed);
  return response;
}

}  // namespace usage
