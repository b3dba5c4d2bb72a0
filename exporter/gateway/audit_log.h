// Who asked what: one JSON object a line.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "core/types.h"

namespace usage::gateway {

struct AuditRecord {
  Instant time{};
  std::string_view tenant;  // "" for operators, and for who was not let in
  std::string_view scope;   // "tenant", "operator", "none"
  std::string_view token_id;
  std::string_view user;  // what X-Grafana-User says: Grafana's word, not proven
  std::string_view remote;
  std::string_view endpoint;
  std::string_view method;
  int status = 0;
  double seconds = 0;
  uint64_t bytes = 0;       // of the answer's body
  std::string_view reason;  // why it was refused; "" when it was not
  std::string_view query;   // the client's own text
};

// Thread-safe. A line is one write, so that lines of several processes do not mix.
class AuditLog {
 public:
  // "stdout", "none" or a file's path, which is appended to. `with_text`: the queries themselves
  // beside their hashes. Throws std::runtime_error when the file can't be opened.
  AuditLog(std::string target, bool with_text);
  ~AuditLog();

  void Write(const AuditRecord& record);
  // Opens the file anew: after a log rotation.
  void Reopen();

 private:
  int Open() const;

  const std::string target_;
  const bool with_text_;
  std::mutex mutex_;
  int fd_;  // guarded; -1: off
};

std::string AuditLine(const AuditRecord& record, bool with_text);

}  // namespace usage::gateway
