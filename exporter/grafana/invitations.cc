#include "grafana/invitations.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>

namespace usage::grafana {

std::string NewPassword() {
  // 49 of them, without 0 O 1 I l and the like.
  static constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23";
  static constexpr size_t kLength = 20;
  std::string password;
  while (password.size() < kLength) {
    unsigned char byte;
    if (RAND_bytes(&byte, 1) != 1) throw std::runtime_error("no random numbers to be had");
    // The bytes beyond a multiple would favour the first letters.
    if (byte < 256 / kLetters.size() * kLetters.size()) {
      password.push_back(kLetters[byte % kLetters.size()]);
    }
  }
  return password;
}

Invitations::Invitations(const std::string& file, std::ostream& out) : out_(out) {
  if (file.empty()) return;
  fd_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) {
    throw std::runtime_error(file + ": " + std::strerror(errno) +
                             "; grafana.orgs.invitations_file must be a file that can be written");
  }
}

Invitations::~Invitations() {
  if (fd_ >= 0) ::close(fd_);
}

void Invitations::Give(const Invitation& invitation) {
  std::lock_guard lock(mutex_);
  ++given_;
  if (fd_ < 0) {
    out_ << invitation.login << "\t" << invitation.password << "\t" << invitation.tenant
         << std::endl;
    return;
  }
  nlohmann::ordered_json json = {{"tenant", invitation.tenant},
                                 {"login", invitation.login},
                                 {"password", invitation.password}};
  std::string line = json.dump() + "\n";
  if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error(std::string("the invitations file: ") + std::strerror(errno));
  }
}

size_t Invitations::given() const {
  std::lock_guard lock(mutex_);
  return given_;
}

}  // namespace usage::grafana
