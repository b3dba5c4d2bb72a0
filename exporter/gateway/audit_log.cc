#include "gateway/audit_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "gateway/refusal.h"
#include "gateway/token_file.h"

namespace usage::gateway {
namespace {

constexpr size_t kHashDigits = 16;
constexpr size_t kMostUser = 256;

void Append(std::string_view key, std::string_view value, std::string* line) {
  if (value.empty()) return;
  line->append(",\"").append(key).append("\":").append(JsonString(value));
}

}  // namespace

std::string AuditLine(const AuditRecord& record, bool with_text) {
  std::string line = "{\"ts\":\"" + FormatInstant(record.time) + "\"";
  Append("scope", record.scope, &line);
  Append("tenant", record.tenant, &line);
  Append("token", record.token_id, &line);
  Append("user", record.user.substr(0, kMostUser), &line);
  Append("remote", record.remote, &line);
  Append("endpoint", record.endpoint, &line);
  Append("method", record.method, &line);
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, ",\"status\":%d,\"seconds\":%.6f,\"bytes\":%llu",
                record.status, record.seconds, static_cast<unsigned long long>(record.bytes));
  line += numbers;
  Append("reason", record.reason, &line);
  if (!record.query.empty()) {
    Append("query_sha256", Sha256Hex(record.query).substr(0, kHashDigits), &line);
    if (with_text) Append("query", record.query, &line);
  }
  return line + "}\n";
}

AuditLog::AuditLog(std::string target, bool with_text)
    : target_(std::move(target)), with_text_(with_text), fd_(Open()) {}

AuditLog::~AuditLog() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

int AuditLog::Open() const {
  if (target_ == "none") return -1;
  if (target_ == "stdout") return STDOUT_FILENO;
  int fd = ::open(target_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd >= 0) return fd;
  throw std::runtime_error("audit log " + target_ + ": " + std::strerror(errno) +
                           "; the gateway's user must be able to append to it");
}

void AuditLog::Write(const AuditRecord& record) {
  if (target_ == "none") return;
  std::string line = AuditLine(record, with_text_);
  std::lock_guard lock(mutex_);
  [[maybe_unused]] ssize_t written = ::write(fd_, line.data(), line.size());
}

void AuditLog::Reopen() {
  if (target_ == "none" || target_ == "stdout") return;
  int fd = Open();
  std::lock_guard lock(mutex_);
  ::close(std::exchange(fd_, fd));
}

}  // namespace usage::gateway
