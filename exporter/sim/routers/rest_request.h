// An HTTP request as the REST server of RouterOS takes it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/expected.h"

namespace usage::sim {

struct RestRequest {
  std::string method, path;  // the path without the query, unescaped
  std::vector<std::pair<std::string, std::string>> parameters;  // of the query, unescaped
  std::map<std::string, std::string> headers;                   // names in lower case
  std::string body;

  std::string header(const std::string& name) const;
  bool wants_to_go_on() const { return header("connection") != "close"; }
};

// Takes the first whole request out of `bytes`; no value: more are needed. Errors: it is no HTTP.
Expected<std::optional<RestRequest>> TakeRestRequest(std::string& bytes);

// What a print is asked for, from the query of a GET or the body of a POST.
struct RestPrint {
  std::string proplist;            // divided by commas
  std::vector<std::string> query;  // as PrintQuery::Parse takes it
};
Expected<RestPrint> ReadRestPrint(const RestRequest& request);

}  // namespace usage::sim
