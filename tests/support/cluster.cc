#include "tests/support/cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <vector>

namespace usage::testing {
namespace {

constexpr char kBinaries[] = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void Fail(const std::string& what) {
  throw std::runtime_error("test server: " + what);
}

const passwd& PostgresUser() {
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) Fail("no user postgres: apt-get install postgresql-15");
  return *user;
}

// In the child of a fork: PostgreSQL refuses to run as root.
void BecomePostgres() {
  if (geteuid() != 0) return;
  const passwd& user = PostgresUser();
  if (initgroups(user.pw_name, user.pw_gid) != 0 || setgid(user.pw_gid) != 0 ||
      setuid(user.pw_uid) != 0) {
    _exit(126);
  }
}

void SendOutputTo(const std::string& file) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) _exit(125);
  dup2(fd, STDOUT_FILENO);
  dup2(fd, STDERR_FILENO);
}

// Runs a binary of PostgreSQL in `folder`, output to folder/log. Returns its pid.
pid_t Spawn(const std::string& folder, std::vector<std::string> command) {
  command[0] = kBinaries + command[0];
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  setpgid(0, 0);  // Ctrl-C ends the test, and the test the server
  BecomePostgres();
  if (chdir(folder.c_str()) != 0) _exit(124);
  SendOutputTo(folder + "/log");
  // After setuid, which would clear it. SIGQUIT is the postmaster's immediate shutdown.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  execv(argv[0], argv.data());
  _exit(127);
}

int Wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string MakeFolder() {
  std::string folder = std::filesystem::temp_directory_path() / "usage-test-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) Fail("no temporary folder");
  if (geteuid() == 0 && chown(folder.c_str(), PostgresUser().pw_uid, PostgresUser().pw_gid) != 0) {
    Fail("chown of " + folder);
  }
  return folder;
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool ok = bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  close(fd);
  if (!ok) Fail("no free port");
  return ntohs(address.sin_port);
}

}  // namespace

Cluster::Cluster() : folder_(MakeFolder()), server_{"127.0.0.1", 0} {
  const int status = Wait(Spawn(folder_, {"initdb", "-D", "data", "-A", "trust", "-U", "postgres",
                                          "-E", "UTF8", "--locale=C", "--no-sync"}));
  if (status != 0) Fail("initdb failed, see " + folder_ + "/log");
  Start();
}

Cluster::~Cluster() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Cluster::Start() {
  const bool choose_port = server_.port == 0;
  for (int attempt = 0; attempt < 5; ++attempt) {  // another process may take the free port
    if (choose_port) server_.port = FreePort();
    Launch();
    for (int i = 0; i < 1200; ++i) {
      if (Answers()) return;
      if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    End(SIGQUIT);
  }
  Fail("the server does not start, see " + folder_ + "/log");
}

void Cluster::Launch() {
  pid_ = Spawn(folder_, {"postgres", "-D", "data", "-p", std::to_string(server_.port), "-k",
                         folder_, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c",
                         "synchronous_commit=off", "-c", "full_page_writes=off", "-c",
                         "max_connections=200", "-c", "max_wal_size=4GB"});
}

bool Cluster::Answers() const {
  const std::string dsn = "host=127.0.0.1 user=postgres dbname=postgres connect_timeout=5 port=" +
                          std::to_string(server_.port);
  PGconn* connection = PQconnectdb(dsn.c_str());
  const bool ok = PQstatus(connection) == CONNECTION_OK;
  PQfinish(connection);
  return ok;
}

void Cluster::Stop() { End(SIGINT); }
void Cluster::Kill() { End(SIGQUIT); }

void Cluster::End(int signal) {
  if (pid_ < 0) return;
  Thaw();
  kill(pid_, signal);
  Wait(pid_);
  pid_ = -1;
}

void Cluster::Freeze() { Signal(SIGSTOP); }
void Cluster::Thaw() { Signal(SIGCONT); }

// To the postmaster and its children. Each backend is a process group of its own, so that the
// group of the postmaster does not reach them.
void Cluster::Signal(int signal) const {
  if (pid_ < 0) return;
  kill(pid_, signal);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0) continue;
    FILE* stat = fopen((entry.path() / "stat").c_str(), "re");
    if (stat == nullptr) continue;
    int parent = 0;
    // The name in brackets is "postgres": it has no bracket or space of its own.
    if (fscanf(stat, "%*d %*s %*c %d", &parent) == 1 && parent == pid_) kill(pid, signal);
    fclose(stat);
  }
}

const Server& SharedServer() {
  static const Server server = [] {
    const char* host = std::getenv("USAGE_TEST_PG_HOST");
    const char* port = std::getenv("USAGE_TEST_PG_PORT");
    if (host != nullptr && port != nullptr) return Server{host, std::atoi(port)};
    static Cluster cluster;
    return cluster.server();
  }();
  return server;
}

}  // namespace usage::testing
