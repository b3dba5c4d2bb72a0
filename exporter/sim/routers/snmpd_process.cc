#include "sim/routers/snmpd_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "core/atomic_file.h"

namespace usage::sim {
namespace {

// Another program may take it before snmpd does; then snmpd says so and ends.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound =
      fd >= 0 && bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  if (fd >= 0) close(fd);
  if (!is_bound) throw std::runtime_error("no free UDP port for snmpd");
  return ntohs(address.sin_port);
}

std::string LastLines(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.size() > 500 ? all.substr(all.size() - 500) : all;
}

}  // namespace

SnmpdProcess::SnmpdProcess(SnmpdOptions options) : options_(std::move(options)) {
  if (options_.port == 0) options_.port = FreePort();
  if (mkdir(options_.folder.c_str(), 0700) != 0 && errno != EEXIST) {
    throw std::runtime_error(options_.folder + ": " + std::strerror(errno));
  }
  if (access(options_.program.c_str(), X_OK) != 0) {
    throw std::runtime_error(options_.program +
                             " is not there; install Debian's package snmpd, or leave snmp out of "
                             "--router-protocols");
  }
  WriteConfiguration();
}

// Of one user and one community, who may read all, from this machine.
void SnmpdProcess::WriteConfiguration() const {
  std::ostringstream text;
  text << "agentaddress udp:127.0.0.1:" << options_.port << "\n"
       << "master agentx\nagentXSocket unix:" << socket() << "\n"
       << "agentXTimeout 60\nagentXRetries 0\n"
       << "rocommunity " << options_.community << " 127.0.0.1\n";
  if (!options_.auth_password.empty()) {
    text << "createUser " << options_.user << " " << options_.auth_protocol << " \""
         << options_.auth_password << "\"";
    if (!options_.privacy_password.empty()) {
      text << " " << options_.privacy_protocol << " \"" << options_.privacy_password << "\"";
    }
    text << "\nrouser " << options_.user << (options_.privacy_password.empty() ? " auth" : " priv")
         << "\n";
  }
  FileDraft(options_.folder + "/agent.conf", text.str(), 0600).Commit();
}

// In the child, of a program with threads: only what is safe between fork and exec.
void SnmpdProcess::BecomeSnmpd() {
  const std::string configuration = options_.folder + "/agent.conf";
  const std::string log = options_.folder + "/log";
  const std::string state = "SNMP_PERSISTENT_DIR=" + options_.folder + "/state";
  // -C: no configuration but ours. -I: of its own modules those alone that say who may ask.
  std::vector<const char*> words = {options_.program.c_str(), "-f",   "-C",        "-c",
                                    configuration.c_str(),    "-Lf",  log.c_str(), "-I",
                                    "vacm_conf,usmConf",      nullptr};
  std::vector<const char*> environment = {state.c_str(), "MIBS=", "MIBDIRS=/nonexistent", nullptr};
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it has died already
  execve(options_.program.c_str(), const_cast<char* const*>(words.data()),
         const_cast<char* const*>(environment.data()));
  _exit(127);
}

void SnmpdProcess::Start() {
  unlink(socket().c_str());
  BecomeSnmpd();
  if (pid_ < 0) throw std::runtime_error(std::string("snmpd: ") + std::strerror(errno));
  is_silent_ = false;
}

void SnmpdProcess::End() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);  // also one that stands still
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

// Its engine's id and boots are written when it ends by itself.
void SnmpdProcess::EndOrderly() {
  if (pid_ <= 0) return;
  SetSilent(false);
  kill(pid_, SIGTERM);
  for (int i = 0; i < 500 && pid_ > 0; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
    usleep(10'000);
  }
  End();
}

void SnmpdProcess::SetSilent(bool is_silent) {
  if (pid_ <= 0 || is_silent == is_silent_) return;
  kill(pid_, is_silent ? SIGSTOP : SIGCONT);
  is_silent_ = is_silent;
}

void SnmpdProcess::CheckItRuns() {
  if (pid_ <= 0 || waitpid(pid_, nullptr, WNOHANG) != pid_) return;
  pid_ = -1;
  throw std::runtime_error("snmpd ended: " + LastLines(options_.folder + "/log"));
}

}  // namespace usage::sim
