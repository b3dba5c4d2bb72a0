// First passwords on their way to people: shown once, kept nowhere of ours, never logged.
#pragma once

#include <cstdio>
#include <iosfwd>
#include <mutex>
#include <string>

namespace usage::grafana {

struct Invitation {
  std::string tenant;  // "": the operator's org
  std::string login;
  std::string password;
};

// 20 characters that can be told from each other in print: over 110 bits.
std::string NewPassword();

// Thread-safe.
class Invitations {
 public:
  // To a file, a line of JSON for each, mode 0600 where it is made; or, where `file` is "", to
  // `out`: login, password and tenant, with tabs between. Throws std::runtime_error when the file
  // can't be written.
  Invitations(const std::string& file, std::ostream& out);
  ~Invitations();
  Invitations(const Invitations&) = delete;
  Invitations& operator=(const Invitations&) = delete;

  // Out of this process when it returns.
  void Give(const Invitation& invitation);
  size_t given() const;

 private:
  mutable std::mutex mutex_;  // guards all below
  int fd_ = -1;
  std::ostream& out_;
  size_t given_ = 0;
};

}  // namespace usage::grafana
