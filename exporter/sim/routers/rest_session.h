// One connection to the REST server of a fake router.
#pragma once

#include <optional>
#include <string>

#include "sim/routers/rest_request.h"
#include "sim/routers/router_service.h"
#include "sim/routers/stream.h"

namespace usage::sim {

class RestSession {
 public:
  // Both must outlive it.
  RestSession(Stream& stream, RouterService& service) : stream_(stream), service_(service) {}

  // Serves until the connection is over.
  void Run();

 private:
  struct Answer {
    int status = 200;
    std::string body;
  };

  void Serve();
  // False: the connection is closed then.
  bool Take(const RestRequest& request);
  Answer AnswerTo(const RestRequest& request) const;
  Answer Print(const RestRequest& request, const std::string& path) const;
  Answer PrintItem(const RestRequest& request, const std::string& path) const;
  bool IsSignedIn(const RestRequest& request);
  // True: the answer is still to be sent.
  bool Survive(std::optional<RouterFault> fault, Answer& answer);
  void Wait(std::chrono::milliseconds time);
  void SendHalf(const Answer& answer);
  std::string Head(const Answer& answer) const;

  Stream& stream_;
  RouterService& service_;
  std::string bytes_;  // received and not yet read
};

}  // namespace usage::sim
