#include "alerting/amtool.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>

extern char** environ;

namespace usage::alerting {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::minutes(1);

// A running child whose output comes through a pipe; killed when it goes before its end.
class Child {
 public:
  Child(const std::string& program, const std::string& file) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
    }
    output_ = ends[0];
    const int error = Spawn(program, file, ends[1]);
    ::close(ends[1]);
    if (error == 0) return;
    ::close(output_);
    throw std::runtime_error(
        program + ": " + std::strerror(error) +
        "; install the package prometheus-alertmanager, or name amtool in alerting.amtool");
  }

  ~Child() {
    ::close(output_);
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    Wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // All that it says, until its end.
  std::string Output() {
    const auto deadline = Clock::now() + kPatience;
    std::string text;
    std::array<char, 4096> part;
    while (IsReadable(deadline)) {
      const ssize_t size = ::read(output_, part.data(), part.size());
      if (size == 0) return text;
      if (size > 0) text.append(part.data(), static_cast<size_t>(size));
    }
    throw std::runtime_error("amtool takes longer than a minute; is this machine overloaded?");
  }

  bool EndsWell() { return Wait() == 0; }

 private:
  int Spawn(const std::string& program, const std::string& file, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    std::string words[] = {program, "check-config", file};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
    const int error = ::posix_spawnp(&pid_, program.c_str(), &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) pid_ = 0;
    return error;
  }

  bool IsReadable(Clock::time_point deadline) const {
    pollfd waiting{output_, POLLIN, 0};
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) return false;
      const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
      if (ready != 0 && (ready > 0 || errno != EINTR)) return ready > 0;
    }
  }

  int Wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return status;
  }

  pid_t pid_ = 0;
  int output_ = -1;
};

}  // namespace

std::string AmtoolFault(const std::string& program, const std::string& file) {
  Child child(program, file);
  std::string said = child.Output();
  if (child.EndsWell()) return "";
  while (said.ends_with('\n')) said.pop_back();
  return said.empty() ? program + " failed and said nothing" : said;
}

}  // namespace usage::alerting
