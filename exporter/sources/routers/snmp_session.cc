#include "sources/routers/snmp_session.h"

// net-snmp's headers want its configuration first.
// clang-format off
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
// clang-format on
#include <net-snmp/library/large_fd_set.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "sources/routers/snmp_keys.h"

namespace usage {
namespace {

using std::chrono::milliseconds;

using Engine = std::vector<unsigned char>;  // the id of one (RFC 3411, 3.1.1)

constexpr int kResends = 3;  // the deadline is met by the last

// Of every call into net-snmp that touches a session; see snmp_session.h.
std::mutex& LibraryMutex() {
  static std::mutex mutex;
  return mutex;
}

// What init_snmp() does without reading files (snmp.conf, MIBs), taking the locale, and writing its
// state to /var/lib/snmp when the program ends.
void InitializeLibrary() {
  static const bool is_done = [] {
    std::lock_guard lock(LibraryMutex());
    snmp_disable_log();
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE, "usage");
    netsnmp_container_init_list();
    init_callbacks();
    snmp_init_statistics();
    init_snmpv3("usage");
    snmp_call_callbacks(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_PREMIB_READ_CONFIG, nullptr);
    snmp_call_callbacks(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG, nullptr);
    return true;
  }();
  static_cast<void>(is_done);
}

struct Peer {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string name;  // as net-snmp wants it: no name is looked up under the library's mutex
};

std::string NumericName(const Peer& peer, int port) {
  char host[NI_MAXHOST];
  getnameinfo(reinterpret_cast<const sockaddr*>(&peer.address), peer.size, host, sizeof host,
              nullptr, 0, NI_NUMERICHOST);
  const bool is_v6 = peer.address.ss_family == AF_INET6;
  return (is_v6 ? "udp6:[" + std::string(host) + "]:" : "udp:" + std::string(host) + ":") +
         std::to_string(port);
}

Peer Resolve(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    throw std::runtime_error("the name " + host + " can't be resolved (" + gai_strerror(error) +
                             "); write its address instead, or mend the DNS");
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> holder(found, freeaddrinfo);
  Peer peer;
  peer.size = found->ai_addrlen;
  std::memcpy(&peer.address, found->ai_addr, found->ai_addrlen);
  peer.name = NumericName(peer, port);
  return peer;
}

SnmpValue ValueOf(const netsnmp_variable_list& variable) {
  const std::string_view bytes(reinterpret_cast<const char*>(variable.val.string),
                               variable.val_len);
  switch (variable.type) {
    case ASN_INTEGER:
      return {SnmpKind::kInteger, static_cast<uint64_t>(*variable.val.integer), {}};
    case ASN_COUNTER:
    case ASN_GAUGE:
    case ASN_TIMETICKS:
      return {SnmpKind::kUnsigned, static_cast<uint32_t>(*variable.val.integer), {}};
    case ASN_COUNTER64:
      return {SnmpKind::kUnsigned,
              uint64_t{variable.val.counter64->high} << 32 | variable.val.counter64->low,
              {}};
    case ASN_OCTET_STR:
      return {SnmpKind::kBytes, 0, bytes};
    case ASN_IPADDRESS:
      return {SnmpKind::kAddress, 0, bytes};
    case ASN_NULL:
    case SNMP_NOSUCHOBJECT:
    case SNMP_NOSUCHINSTANCE:
    case SNMP_ENDOFMIBVIEW:
      return {};
    default:
      return {SnmpKind::kOther, 0, {}};
  }
}

// A text for a report of the router's engine (RFC 3414, 3.2), or of the library itself.
std::string SecurityFault(int error, const std::string& user) {
  switch (error) {
    case SNMPERR_UNKNOWN_USER_NAME:
      return "the router does not know the SNMP v3 user " + user +
             "; add it there (/snmp community add), or correct the name";
    case SNMPERR_AUTHENTICATION_FAILURE:
      return "the router refuses the authentication of the SNMP v3 user " + user +
             "; correct the authentication password or its protocol";
    case SNMPERR_DECRYPTION_ERR:
      return "the router can't decrypt what the SNMP v3 user " + user +
             " sends; correct the privacy password or its protocol";
    case SNMPERR_UNSUPPORTED_SEC_LEVEL:
      return "the router wants another security level of the SNMP v3 user " + user +
             "; configure authentication and privacy as they are there";
    case SNMPERR_NOT_IN_TIME_WINDOW:
      return "the clock of the router's SNMP engine does not agree with what it said of it; if "
             "this lasts, two routers have the same engine id (/snmp set engine-id)";
    case SNMPERR_UNKNOWN_ENG_ID:
      return "the router's SNMP engine id has changed; it is asked for anew at the next poll";
    default:
      return std::string("SNMP v3: ") + snmp_api_errstring(error);
  }
}

struct VariablesFree {
  void operator()(netsnmp_variable_list* list) const { snmp_free_varbind(list); }
};
using Variables = std::unique_ptr<netsnmp_variable_list, VariablesFree>;

std::vector<SnmpVariable> Viewed(const Variables& list) {
  std::vector<SnmpVariable> viewed;
  for (const netsnmp_variable_list* at = list.get(); at != nullptr; at = at->next_variable) {
    viewed.push_back({{at->name, at->name_length}, ValueOf(*at)});
  }
  return viewed;
}

// One request under way.
struct Request {
  SnmpSession::Answered answered;
  bool is_done = false;
  int security_error = 0;  // SNMPERR_…
  long error_status = 0;   // of the answer
  bool is_silent = false, is_unsendable = false;
  Variables variables;
  Engine engine;  // who answered

  void Take(netsnmp_pdu* pdu) {
    error_status = pdu->errstat;
    if (pdu->securityEngineID != nullptr) {
      engine.assign(pdu->securityEngineID, pdu->securityEngineID + pdu->securityEngineIDLen);
    }
    if (pdu->command == SNMP_MSG_REPORT) {
      security_error = snmpv3_get_report_type(pdu);
    } else {
      variables.reset(pdu->variables);
      pdu->variables = nullptr;
    }
  }
};

bool IsSentAgain(int operation, const netsnmp_pdu* pdu) {
  // A report of the clock: the library knows it now and sends the request again, some times.
  return operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->command == SNMP_MSG_REPORT &&
         snmpv3_get_report_type(const_cast<netsnmp_pdu*>(pdu)) == SNMPERR_NOT_IN_TIME_WINDOW;
}

// net-snmp's callback: with the mutex held.
int OnEvent(int operation, netsnmp_session* session, int, netsnmp_pdu* pdu, void* magic) {
  auto* request = static_cast<Request*>(magic);
  if (operation == NETSNMP_CALLBACK_OP_RESEND || IsSentAgain(operation, pdu)) return 1;
  request->is_done = true;
  switch (operation) {
    case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE:
      request->Take(pdu);
      break;
    case NETSNMP_CALLBACK_OP_TIMED_OUT:
      request->is_silent = true;
      break;
    case NETSNMP_CALLBACK_OP_SEC_ERROR:
      if (request->security_error == 0) request->security_error = session->s_snmp_errno;
      if (pdu->command == SNMP_MSG_REPORT) request->Take(pdu);
      break;
    default:
      request->is_unsendable = true;
  }
  return 1;
}

milliseconds Left(SnmpSession::Steady deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left));
}

void RemoveUser(const Engine& engine, const std::string& name) {
  usmUser* user = usm_get_user(engine.data(), engine.size(), name.c_str());
  if (user == nullptr) return;
  usm_remove_user(user);
  usm_free_user(user);
}

// A user of v3, whom the library keeps by engine and name for all sessions. Who comes last says the
// keys: they are new where a password was changed. Two routers with one engine id and different
// passwords for one name can't both be read; their engine ids are to be made different. With the
// mutex held.
class SharedUser {
 public:
  // Throws std::runtime_error where the library refuses the keys.
  SharedUser(const Engine& engine, netsnmp_session* session)
      : key_(engine, session->securityName), count_(Counts()[key_]) {
    RemoveUser(key_.first, key_.second);
    if (create_user_from_session(session) != SNMPERR_SUCCESS) {
      throw std::runtime_error("net-snmp can't use the SNMP v3 keys of the user " + key_.second +
                               "; choose other protocols");
    }
    ++count_;
  }
  ~SharedUser() {
    if (--count_ > 0) return;
    RemoveUser(key_.first, key_.second);
    Counts().erase(key_);
  }
  SharedUser(const SharedUser&) = delete;
  SharedUser& operator=(const SharedUser&) = delete;

 private:
  using Key = std::pair<Engine, std::string>;

  static std::map<Key, int>& Counts() {
    static std::map<Key, int> counts;
    return counts;
  }

  const Key key_;
  int& count_;
};

struct SessionClose {
  void operator()(void* session) const {
    std::lock_guard lock(LibraryMutex());
    snmp_sess_close(session);
  }
};

}  // namespace

class SnmpSession::Impl {
 public:
  Impl(const RouterConfig& router, Steady deadline)
      : auth_(router.snmp),
        where_(router.host + ":" + std::to_string(router.port)),
        timeout_(router.timeout) {
    InitializeLibrary();
    if (IsV3()) keys_ = MakeSnmpKeys(auth_);
    Open(Resolve(router.host, router.port));
    if (IsV3()) MeetEngine(deadline);
  }

  ~Impl() {
    std::lock_guard lock(LibraryMutex());
    user_.reset();
  }

  void Send(netsnmp_pdu* pdu, Answered answered) {
    requests_.emplace_back();
    Request& request = requests_.back();
    request.answered = std::move(answered);
    // A pdu that could not be sent is still ours; the callback has said why.
    if (snmp_sess_async_send(session_.get(), pdu, OnEvent, &request) == 0) {
      snmp_free_pdu(pdu);
      if (!request.is_done) request.is_done = request.is_unsendable = true;
    }
  }

  void SendBulk(const std::vector<SnmpOid>& names, int repetitions, Answered answered) {
    std::lock_guard lock(LibraryMutex());
    netsnmp_pdu* pdu = snmp_pdu_create(repetitions > 0 ? SNMP_MSG_GETBULK : SNMP_MSG_GET);
    if (repetitions > 0) {
      pdu->non_repeaters = 0;
      pdu->max_repetitions = repetitions;
    }
    for (const SnmpOid& name : names) snmp_add_null_var(pdu, name.data(), name.size());
    Send(pdu, std::move(answered));
  }

  void Wait(Steady deadline) {
    if (requests_.empty()) throw std::logic_error("SNMP: nothing was asked");
    WaitForAny(deadline);
    Deliver();
  }

 private:
  bool IsV3() const { return auth_.community.empty(); }
  milliseconds ResendAfter() const { return timeout_ / (kResends + 1); }

  int Level() const {
    if (!keys_.privacy_key.empty()) return SNMP_SEC_LEVEL_AUTHPRIV;
    return keys_.auth_key.empty() ? SNMP_SEC_LEVEL_NOAUTH : SNMP_SEC_LEVEL_AUTHNOPRIV;
  }

  void Open(const Peer& peer) {
    std::lock_guard lock(LibraryMutex());
    netsnmp_session wanted;
    snmp_sess_init(&wanted);
    std::string name = peer.name;
    wanted.peername = name.data();
    wanted.timeout = std::chrono::microseconds(ResendAfter()).count();
    wanted.retries = kResends;
    wanted.flags |= SNMP_FLAGS_DONT_PROBE;
    if (IsV3()) {
      DescribeUser(&wanted);
    } else {
      wanted.version = SNMP_VERSION_2c;
      wanted.community = reinterpret_cast<unsigned char*>(auth_.community.data());
      wanted.community_len = auth_.community.size();
    }
    session_.reset(snmp_sess_open(&wanted));
    if (session_ == nullptr) {
      throw std::runtime_error("can't open a socket to " + where_ + " (" +
                               snmp_api_errstring(wanted.s_snmp_errno) + ")");
    }
    // Asking for the engine would wait with the mutex held: MeetEngine does it. Opening has taken
    // the flag away.
    snmp_sess_session(session_.get())->flags |= SNMP_FLAGS_DONT_PROBE;
    fd_ = snmp_sess_transport(session_.get())->sock;
    // Answers of others are not read, and a closed port is told at once.
    connect(fd_, reinterpret_cast<const sockaddr*>(&peer.address), peer.size);
  }

  void DescribeUser(netsnmp_session* wanted) {
    wanted->version = SNMP_VERSION_3;
    wanted->securityModel = SNMP_SEC_MODEL_USM;
    wanted->securityLevel = Level();
    wanted->securityName = auth_.user.data();
    wanted->securityNameLen = auth_.user.size();
    if (keys_.auth_key.empty()) return;
    wanted->securityAuthProto = keys_.auth_protocol.data();
    wanted->securityAuthProtoLen = keys_.auth_protocol.size();
    wanted->securityAuthKeyLen = keys_.auth_key.size();
    std::copy(keys_.auth_key.begin(), keys_.auth_key.end(), wanted->securityAuthKey);
    if (keys_.privacy_key.empty()) return;
    wanted->securityPrivProto = keys_.privacy_protocol.data();
    wanted->securityPrivProtoLen = keys_.privacy_protocol.size();
    wanted->securityPrivKeyLen = keys_.privacy_key.size();
    std::copy(keys_.privacy_key.begin(), keys_.privacy_key.end(), wanted->securityPrivKey);
  }

  // A request by nobody, which an engine answers with its id (RFC 3414, 4).
  void MeetEngine(Steady deadline) {
    {
      std::lock_guard lock(LibraryMutex());
      netsnmp_pdu* pdu = snmp_pdu_create(SNMP_MSG_GET);
      pdu->version = SNMP_VERSION_3;
      pdu->securityName = strdup("");
      pdu->securityLevel = SNMP_SEC_LEVEL_NOAUTH;
      pdu->securityModel = SNMP_SEC_MODEL_USM;
      Send(pdu, nullptr);
    }
    WaitForAny(deadline);
    Request met = std::move(requests_.front());
    requests_.clear();
    if (met.engine.empty()) {
      ThrowIfFailed(met);
      throw std::runtime_error(where_ + " does not speak SNMP v3; use a community (v2c)");
    }
    BeKnownTo(met.engine);
  }

  void BeKnownTo(const Engine& engine) {
    std::lock_guard lock(LibraryMutex());
    user_.emplace(engine, snmp_sess_session(session_.get()));
  }

  bool IsAnyDone() const {
    return std::any_of(requests_.begin(), requests_.end(),
                       [](const Request& request) { return request.is_done; });
  }

  void WaitForAny(Steady deadline) {
    while (!IsAnyDone()) {
      const milliseconds left = Left(deadline);
      if (left.count() == 0) throw std::runtime_error(Silence());
      WaitForPacket(std::min(left, ResendAfter()));
    }
  }

  void WaitForPacket(milliseconds longest) {
    pollfd waited{fd_, POLLIN, 0};
    const int ready = poll(&waited, 1, static_cast<int>(longest.count()));
    std::lock_guard lock(LibraryMutex());
    if (ready > 0) {
      Read();
    } else {
      snmp_sess_timeout(session_.get());
    }
  }

  void Read() {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error == ECONNREFUSED) {
      throw std::runtime_error(
          "nothing listens at UDP " + where_ +
          "; is SNMP enabled there (/snmp set enabled=yes), is the port right?");
    }
    netsnmp_large_fd_set set;
    netsnmp_large_fd_set_init(&set, fd_ + 1);
    netsnmp_large_fd_setfd(fd_, &set);
    const auto strangers = snmp_get_statistic(STAT_USMSTATSUNKNOWNUSERNAMES);
    snmp_sess_read2(session_.get(), &set);  // what can't be read is as lost
    netsnmp_large_fd_set_cleanup(&set);
    // Of an engine of which the user has no keys: who answers here has become another one. The
    // library tells it by its counter alone.
    if (snmp_get_statistic(STAT_USMSTATSUNKNOWNUSERNAMES) != strangers) {
      throw std::runtime_error(SecurityFault(SNMPERR_UNKNOWN_ENG_ID, auth_.user));
    }
  }

  // Calls back for what is answered; handlers may send more.
  void Deliver() {
    std::list<Request> done;
    for (auto at = requests_.begin(); at != requests_.end();) {
      auto next = std::next(at);
      if (at->is_done) done.splice(done.end(), requests_, at);
      at = next;
    }
    for (const Request& request : done) {
      ThrowIfFailed(request);
      is_answered_ = true;
      request.answered(Viewed(request.variables));
    }
  }

  void ThrowIfFailed(const Request& request) const {
    if (request.is_silent) throw std::runtime_error(Silence());
    if (request.security_error != 0) {
      throw std::runtime_error(SecurityFault(request.security_error, auth_.user));
    }
    if (request.is_unsendable) {
      throw std::runtime_error("can't send to " + where_ + "; is there a way to it?");
    }
    if (request.error_status == SNMP_ERR_NOERROR) return;
    throw std::runtime_error(std::string("the router answered with an SNMP error: ") +
                             snmp_errstring(static_cast<int>(request.error_status)));
  }

  std::string Silence() const {
    const std::string begin =
        "no answer from " + where_ + " within " + std::to_string(timeout_.count()) + " ms";
    if (is_answered_) return begin + " any more; is the router busy, or the timeout too short?";
    const std::string usual =
        ": is SNMP enabled there (/snmp set enabled=yes), may this machine ask (addresses of /snmp "
        "community), does a firewall drop UDP";
    if (!IsV3()) return begin + usual + ", is the community right? A wrong one is not answered";
    if (!user_) return begin + usual + "?";
    return begin + " for the SNMP v3 user " + auth_.user +
           ", though its engine answered: are the privacy password and its protocol right?";
  }

  SnmpAuth auth_;
  std::string where_;  // for messages
  milliseconds timeout_;
  SnmpKeys keys_;
  std::optional<SharedUser> user_;  // v3, once the router's engine is known
  bool is_answered_ = false;
  std::list<Request> requests_;  // a list: the library has their addresses, until it is closed
  std::unique_ptr<void, SessionClose> session_;
  int fd_ = -1;
};

SnmpSession::SnmpSession(const RouterConfig& router, Steady deadline)
    : impl_(std::make_unique<Impl>(router, deadline)) {}

SnmpSession::~SnmpSession() = default;

void SnmpSession::Get(const std::vector<SnmpOid>& names, Answered answered) {
  impl_->SendBulk(names, 0, std::move(answered));
}

void SnmpSession::GetBulk(const std::vector<SnmpOid>& names, int repetitions, Answered answered) {
  impl_->SendBulk(names, repetitions, std::move(answered));
}

void SnmpSession::Wait(Steady deadline) { impl_->Wait(deadline); }

}  // namespace usage
