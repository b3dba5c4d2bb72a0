// A running Alertmanager.
#pragma once

#include <string>

#include "config/config.h"
#include "net/http_client.h"

namespace usage::alerting {

enum class Reloaded {
  kYes,
  kRefused,   // it has read the file, and goes on with what it had
  kNoAnswer,  // it is away, or lets nobody in
};

struct ReloadAnswer {
  Reloaded reloaded = Reloaded::kYes;
  std::string why;  // unless kYes; may have parts of the file in it
};

// Of one thread at a time.
class Server {
 public:
  // Throws std::runtime_error when the password file has none.
  explicit Server(const AlertingConfig& config);

  // Whether it runs on just this text, and has taken what it was given last. The error says why
  // there is no answer.
  Expected<bool> RunsOn(const std::string& text);
  ReloadAnswer Reload();

 private:
  const std::string name_;  // its URL
  HttpClient client_;
};

}  // namespace usage::alerting
