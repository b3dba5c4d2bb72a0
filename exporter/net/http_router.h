// Which handler answers a request.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "net/http_server.h"

namespace usage {

// A plain text response of one line.
HttpResponse TextResponse(int status, const std::string& text);

// Thread-safe once every route is added.
class HttpRouter {
 public:
  void Add(const std::string& method, const std::string& path, HttpHandler handler);
  // 404, 405 with Allow, and 500 for a handler that throws, included; `log_error` may be empty.
  HttpResponse Answer(const HttpRequest& request,
                      const std::function<void(const std::string&)>& log_error) const;

 private:
  using Methods = std::map<std::string, HttpHandler>;
  static HttpResponse WrongMethod(const Methods& methods);

  std::map<std::string, Methods> routes_;
};

}  // namespace usage
