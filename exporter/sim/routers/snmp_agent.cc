#include "sim/routers/snmp_agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "sim/routers/agentx.h"
#include "sim/routers/mib_view.h"

namespace usage::sim {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kLookAround(20);  // for the end, silence, a reboot
constexpr milliseconds kSlowAnswer(2000);
constexpr milliseconds kViewLasts(200);  // a walk mostly sees one moment, and is never far behind
constexpr milliseconds kStartsWithin(30'000);
constexpr uint32_t kLongestPayload = 1 << 20;
constexpr uint16_t kGenErr = 5;

// Who finds the uptime, which is in the last, finds all.
const MibOid kRoots[] = {{1, 3, 6, 1, 4, 1}, {1, 3, 6, 1, 2, 1}};

class Socket {
 public:
  Socket() : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

  bool Connect(const std::string& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      throw std::runtime_error(path + ": too long for a socket; take a folder with a shorter name");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  void Send(const std::string& bytes) const {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t size = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (size < 0) throw std::runtime_error(std::string("AgentX: ") + std::strerror(errno));
      sent += static_cast<size_t>(size);
    }
  }

  std::string Receive(size_t size) const {
    std::string bytes(size, '\0');
    size_t got = 0;
    while (got < size) {
      const ssize_t read = recv(fd_, bytes.data() + got, size - got, 0);
      if (read <= 0) throw std::runtime_error("AgentX: snmpd has gone");
      got += static_cast<size_t>(read);
    }
    return bytes;
  }

 private:
  const int fd_;
};

bool IsPrefix(const MibOid& prefix, const MibOid& name) {
  return prefix.size() < name.size() && std::equal(prefix.begin(), prefix.end(), name.begin());
}

// A column is begun by its own name, and gone on with from a row's.
bool IsBeginning(AgentxType type, const MibRange& asked, const MibVariable& answer) {
  return type == AgentxType::kGet || IsPrefix(asked.start, answer.name);
}

}  // namespace

// One AgentX session. Of the agent's thread.
class SnmpAgent::Subagent {
 public:
  explicit Subagent(SnmpAgent& agent) : agent_(agent) {}

  // Waits for snmpd to listen.
  void Open(SnmpdProcess& snmpd) {
    const auto until = Steady::now() + kStartsWithin;
    socket_.emplace();
    while (!socket_->Connect(snmpd.socket())) {
      snmpd.CheckItRuns();
      if (Steady::now() > until) throw std::runtime_error("snmpd does not begin to listen");
      std::this_thread::sleep_for(milliseconds(5));
    }
    socket_->Send(AgentxOpen("usage_sim"));
    session_ = Accepted();
    for (const MibOid& root : kRoots) {
      socket_->Send(AgentxRegister(session_, root));
      session_.packet = Accepted().packet;
    }
  }

  int fd() const { return socket_->fd(); }

  void AnswerOne() {
    const AgentxHeader header = ReceiveHeader();
    const std::string payload = socket_->Receive(header.payload);
    if (header.type == AgentxType::kClose) throw std::runtime_error("AgentX: snmpd closes");
    if (header.type != AgentxType::kGet && header.type != AgentxType::kGetNext) {
      socket_->Send(AgentxResponse(header, kGenErr, {}));  // the master sends nothing else
      return;
    }
    const std::vector<MibRange> ranges = ParseAgentxRanges(payload);
    if (ranges.empty()) throw std::runtime_error("AgentX: nothing is asked for");
    const std::vector<MibVariable> values = Values(header.type, ranges);
    const bool is_beginning = IsBeginning(header.type, ranges.front(), values.front());
    switch (is_beginning ? NextFault() : SnmpFault::kNone) {
      case SnmpFault::kLost:
        return;
      case SnmpFault::kError:
        socket_->Send(AgentxResponse(header, kGenErr, {}));
        return;
      case SnmpFault::kSlow:
        std::this_thread::sleep_for(kSlowAnswer);
        [[fallthrough]];
      case SnmpFault::kNone:
        socket_->Send(AgentxResponse(header, 0, values));
    }
  }

 private:
  AgentxHeader ReceiveHeader() const {
    const AgentxHeader header = ParseAgentxHeader(socket_->Receive(kAgentxHeaderSize));
    if (header.payload > kLongestPayload) throw std::runtime_error("AgentX: a packet too long");
    return header;
  }

  AgentxHeader Accepted() const {
    const AgentxHeader header = ReceiveHeader();
    const uint16_t error = ParseAgentxError(socket_->Receive(header.payload));
    if (error != 0) throw std::runtime_error("AgentX: snmpd refuses: " + std::to_string(error));
    return header;
  }

  SnmpFault NextFault() {
    ++agent_.requests_;
    return agent_.options_.next_fault ? agent_.options_.next_fault() : SnmpFault::kNone;
  }

  std::vector<MibVariable> Values(AgentxType type, const std::vector<MibRange>& ranges) {
    const MibView& view = View();
    std::vector<MibVariable> values;
    for (const MibRange& range : ranges) {
      values.push_back(type == AgentxType::kGet ? view.Get(range.start) : view.Next(range));
    }
    return values;
  }

  const MibView& View() {
    const auto now = Steady::now();
    if (view_ == nullptr || now > good_until_) {
      view_ = std::make_unique<MibView>(agent_.model_.Now(), &numbers_);
      // A huge table takes long to make: most of the time is for answers nevertheless.
      const auto made = Steady::now();
      good_until_ = made + std::max<Steady::duration>(kViewLasts, 5 * (made - now));
    }
    return *view_;
  }

  SnmpAgent& agent_;
  std::optional<Socket> socket_;
  AgentxHeader session_;
  SessionNumbers numbers_;
  std::unique_ptr<MibView> view_;
  Steady::time_point good_until_;
};

SnmpAgent::SnmpAgent(const RouterModel& model, Options options)
    : model_(model), options_(std::move(options)) {
  std::promise<void> started;
  std::future<void> is_started = started.get_future();
  thread_ =
      std::thread([this, promise = std::move(started)]() mutable { Run(std::move(promise)); });
  try {
    is_started.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

SnmpAgent::~SnmpAgent() {
  is_ended_ = true;
  thread_.join();
}

// snmpd is a child of this thread, and ends with it at the latest.
void SnmpAgent::Run(std::promise<void> started) {
  bool is_running = false;
  try {
    SnmpdProcess snmpd(options_.snmpd);
    port_ = snmpd.port();
    while (!is_ended_) {
      is_to_reboot_ = false;
      Subagent subagent(*this);
      snmpd.Start();
      subagent.Open(snmpd);
      if (!is_running) started.set_value();
      is_running = true;
      Serve(snmpd, subagent);
      if (is_to_reboot_) snmpd.EndOrderly();
    }
  } catch (...) {
    // Once it runs nobody is left to tell: the router has gone, which who asks it sees.
    if (!is_running) started.set_exception(std::current_exception());
  }
}

void SnmpAgent::Serve(SnmpdProcess& snmpd, Subagent& subagent) {
  while (!is_ended_ && !is_to_reboot_) {
    if (options_.is_silent) snmpd.SetSilent(options_.is_silent());
    pollfd waited{subagent.fd(), POLLIN, 0};
    if (poll(&waited, 1, static_cast<int>(kLookAround.count())) > 0) subagent.AnswerOne();
  }
}

}  // namespace usage::sim
