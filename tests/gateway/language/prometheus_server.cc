#include "tests/gateway/language/prometheus_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "tests/support/golden.h"

namespace usage::gateway {
namespace {

constexpr auto kStartLimit = std::chrono::seconds(120);

// Free now; nobody else is given it soon, for the kernel chooses them at random.
int FreePort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool bound = bind(file, any, size) == 0 && getsockname(file, any, &size) == 0;
  close(file);
  if (!bound) throw std::runtime_error("Prometheus: no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

}  // namespace

class PrometheusServer::Client : public httplib::Client {
 public:
  using httplib::Client::Client;
};

PrometheusServer::PrometheusServer(const std::string& openmetrics) : port_(FreePort()) {
  testing::WriteFile(folder_ / "prometheus.yml", "global: {}\n");
  if (!openmetrics.empty()) MakeBlocks(openmetrics);
  client_ = std::make_unique<Client>("127.0.0.1", port_);
  client_->set_keep_alive(true);
  client_->set_read_timeout(std::chrono::seconds(60));
  client_->set_tcp_nodelay(true);
  Launch();
  if (!ComesUp()) throw std::runtime_error("Prometheus: " + testing::ReadFile(folder_ / "log"));
}

PrometheusServer::~PrometheusServer() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);  // the folder goes with it
  waitpid(pid_, nullptr, 0);
}

void PrometheusServer::MakeBlocks(const std::string& openmetrics) const {
  testing::WriteFile(folder_ / "series.txt", openmetrics);
  std::string command = "promtool tsdb create-blocks-from openmetrics " + (folder_ / "series.txt") +
                        " " + (folder_ / "data") + " >" + (folder_ / "promtool.log") + " 2>&1";
  if (std::system(command.c_str()) == 0) return;
  throw std::runtime_error("promtool: " + testing::ReadFile(folder_ / "promtool.log"));
}

void PrometheusServer::Launch() {
  std::string config = "--config.file=" + (folder_ / "prometheus.yml");
  std::string data = "--storage.tsdb.path=" + (folder_ / "data");
  std::string listen = "--web.listen-address=127.0.0.1:" + std::to_string(port_);
  std::string log = folder_ / "log";
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::freopen(log.c_str(), "w", stderr) == nullptr) _exit(1);
  execlp("prometheus", "prometheus", config.c_str(), data.c_str(), listen.c_str(),
         "--storage.tsdb.retention.time=100y", "--log.level=warn", nullptr);
  _exit(1);
}

bool PrometheusServer::ComesUp() {
  auto end = std::chrono::steady_clock::now() + kStartLimit;
  while (std::chrono::steady_clock::now() < end && waitpid(pid_, nullptr, WNOHANG) == 0) {
    auto ready = client_->Get("/-/ready");
    if (ready && ready->status == 200) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

PrometheusAnswer PrometheusServer::Ask(const std::string& endpoint, const Parameters& parameters) {
  httplib::Params form(parameters.begin(), parameters.end());
  auto answer = client_->Post(("/api/v1/" + endpoint).c_str(), form);
  if (!answer) throw std::runtime_error("Prometheus does not answer");
  return {answer->status, answer->body};
}

}  // namespace usage::gateway
