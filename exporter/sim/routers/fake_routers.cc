#include "sim/routers/fake_routers.h"

#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "core/atomic_file.h"
#include "sim/routers/snmp_agent.h"

namespace usage::sim {
namespace {

struct ProtocolName {
  FakeProtocol protocol;
  const char* name;
  const char* in_config;
};
constexpr std::array<ProtocolName, 4> kProtocols = {{
    {FakeProtocol::kRest, "rest", "routeros_rest"},
    {FakeProtocol::kApi, "api", "routeros_api"},
    {FakeProtocol::kApiTls, "api-ssl", "routeros_api"},
    {FakeProtocol::kSnmp, "snmp", "snmp"},
}};

const ProtocolName& NameOf(FakeProtocol protocol) {
  return kProtocols[static_cast<size_t>(protocol)];
}

std::string RandomPassword() {
  std::array<unsigned char, 12> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers for the routers' password");
  }
  std::string password;
  for (unsigned char byte : bytes) password += "abcdefghjkmnpqrstuvwxyz23456789_"[byte % 32];
  return password;
}

// A manager without the right community or password hears nothing.
SnmpFault ForSnmp(RouterService& service) {
  if (service.RefusesNext()) return SnmpFault::kLost;
  auto fault = service.NextFault();
  if (!fault) return SnmpFault::kNone;
  if (*fault == RouterFault::kSlow) return SnmpFault::kSlow;
  return *fault == RouterFault::kTrap ? SnmpFault::kError : SnmpFault::kLost;
}

void WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  FileDraft(path, text, mode).Commit();
}

}  // namespace

struct FakeRouters::One {
  std::string name, tenant;
  FakeProtocol protocol;
  std::unique_ptr<RouterService> service;
  RouterCertificate certificate, next_certificate;
  std::atomic<bool> was_off = false;
  std::unique_ptr<SnmpAgent> snmp;  // ends before what it asks
  // Every other one of a protocol: its certificate is pinned, while the authority is trusted of the
  // others; its SNMP is v3.
  bool is_odd = false;
  int port = 0;

  bool has_tls() const {
    return protocol == FakeProtocol::kRest || protocol == FakeProtocol::kApiTls;
  }
};

Expected<FakeProtocol> ParseFakeProtocol(const std::string& name) {
  for (const ProtocolName& one : kProtocols) {
    if (name == one.name) return one.protocol;
  }
  return Error{name + ": write rest, api, api-ssl or snmp"};
}

Expected<int> ParseDrift(const std::string& text) {
  double percent = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || !(percent >= 0 && percent <= 100)) {
    return Error{text + ": write percent as 2.8, from 0 to 100"};
  }
  return static_cast<int>(std::lround(percent * 100));
}

std::string Complaint(const FakeRoutersOptions& options, int nases) {
  if (options.routers == 0) return "";
  if (options.routers < 0 || options.routers > nases) {
    return "--routers: from 1 to " + std::to_string(nases) +
           ": as many as there are, one for each 250 subscribers of a tenant";
  }
  if (options.faults.highest() >= options.routers) {
    return "--router-faults: there is no router" + std::to_string(options.faults.highest()) +
           ": they are counted from 0";
  }
  if (options.protocols.empty()) return "--router-protocols: at least one";
  if (options.folder.empty()) return "--routers needs --routers-dir";
  if (options.first_port < 0 || options.first_port + options.routers > 65536) {
    return "--router-port: so high that not all routers have a port";
  }
  return "";
}

FakeRouters::FakeRouters(const RouterWorld& world, const FakeRoutersOptions& options, uint64_t seed)
    : world_(world), options_(options) {
  MakeFolder();
  account_.password = RandomPassword();
  WriteFile(PathOf("password"), account_.password + "\n", 0600);
  WriteFile(PathOf("ca.pem"), maker_.AuthorityPem(), 0644);
  int number = 0;
  for (const auto& router : world.routers()) Add(*router, number++, seed);
  server_.Start();
  if (!options_.file.empty()) WriteFile(options_.file, RoutersYaml(), 0644);
  WriteTruth();
}

FakeRouters::~FakeRouters() = default;

void FakeRouters::MakeFolder() const {
  if (mkdir(options_.folder.c_str(), 0755) != 0 && errno != EEXIST) {
    throw std::runtime_error("--routers-dir " + options_.folder + ": " + std::strerror(errno));
  }
}

void FakeRouters::Add(const WorldRouter& router, int number, uint64_t seed) {
  auto& one = all_.emplace_back(std::make_unique<One>());
  one->name = router.name();
  one->tenant = router.tenant();
  one->protocol = options_.protocols[static_cast<size_t>(number) % options_.protocols.size()];
  one->is_odd = number / static_cast<int>(options_.protocols.size()) % 2 == 1;
  one->service = std::make_unique<RouterService>(
      router, RouterService::Options{number, router.faults(), account_,
                                     [&router] { return router.is_off(); }, seed});
  if (one->has_tls()) {
    one->certificate = maker_.Make(one->name);
    one->next_certificate = other_maker_.Make(one->name);
  }
  int port = options_.first_port == 0 ? 0 : options_.first_port + number;
  bool is_absent = router.faults().has(RouterFault::kAbsent);
  if (one->protocol == FakeProtocol::kSnmp && !is_absent) return StartSnmp(*one, router, port);
  RouterDoor door = DoorOf(*one, router);
  door.port = port;
  one->port = server_.Open(std::move(door));
}

void FakeRouters::StartSnmp(One& one, const WorldRouter& router, int port) const {
  SnmpAgent::Options options;
  options.snmpd.folder = PathOf(one.name);
  options.snmpd.port = port;
  options.snmpd.community = account_.password;
  options.snmpd.user = account_.user;
  options.snmpd.auth_password = options.snmpd.privacy_password = account_.password;
  options.is_silent = [&one, &router] {
    bool is_off = router.is_off();
    if (one.was_off.exchange(is_off) && !is_off) one.snmp->Reboot();
    return is_off || router.faults().has(RouterFault::kDead);
  };
  options.next_fault = [&one] { return ForSnmp(*one.service); };
  one.snmp = std::make_unique<SnmpAgent>(router, std::move(options));
  one.port = one.snmp->port();
}

RouterDoor FakeRouters::DoorOf(One& one, const WorldRouter& router) const {
  RouterDoor door;
  door.kind = one.protocol == FakeProtocol::kRest ? DoorKind::kRest : DoorKind::kApi;
  door.service = one.service.get();
  door.tls = one.certificate.context;
  if (router.faults().has(RouterFault::kCertificate)) door.next_tls = one.next_certificate.context;
  door.is_changed = [&router] { return router.HasCome(RouterFault::kCertificate); };
  return door;
}

std::string FakeRouters::TlsOf(const One& one) const {
  if (!one.has_tls()) return "off";
  return one.is_odd ? "{fingerprint: \"" + one.certificate.fingerprint + "\"}"
                    : "{ca_file: \"" + PathOf("ca.pem") + "\"}";
}

std::string FakeRouters::CredentialsOf(const One& one) const {
  std::string file = "_file: \"" + PathOf("password") + "\"";
  std::string user = "user: " + account_.user;
  if (one.protocol != FakeProtocol::kSnmp) return "{" + user + ", password" + file + "}";
  if (!one.is_odd) return "{community" + file + "}";
  return "{" + user + ", auth_password" + file + ", privacy_password" + file + "}";
}

std::string FakeRouters::EntryOf(const One& one) const {
  std::string text = "  - name: " + one.name + "\n    tenant: " + one.tenant +
                     "\n    protocol: " + NameOf(one.protocol).in_config +
                     "\n    address: 127.0.0.1:" + std::to_string(one.port);
  if (one.protocol != FakeProtocol::kSnmp) text += "\n    tls: " + TlsOf(one);
  return text + "\n    credentials: " + CredentialsOf(one) + "\n    uplinks: [ether1, ether2]\n";
}

std::string FakeRouters::RoutersYaml() const {
  std::string text = "# Of usage_sim, which rewrites it whenever it starts.\nrouters:\n";
  for (const auto& one : all_) text += EntryOf(*one);
  return text;
}

std::string FakeRouters::Describe(bool json) const {
  std::string text = json ? "{\"routers\":[" : "";
  for (const auto& one : all_) {
    std::string protocol = NameOf(one->protocol).name;
    std::string address = "127.0.0.1:" + std::to_string(one->port);
    if (json) {
      text += (one == all_.front() ? "" : ",") + ("{\"name\":\"" + one->name) +
              "\",\"protocol\":\"" + protocol + "\",\"address\":\"" + address + "\"}";
    } else {
      text += one->name + "  " + protocol + "  " + address + "\n";
    }
  }
  return json ? text + "]}\n" : text;
}

uint64_t FakeRouters::requests() const {
  uint64_t sum = 0;
  for (const auto& one : all_) {
    sum += one->service->requests() + (one->snmp ? one->snmp->requests() : 0);
  }
  return sum;
}

// Absolute: usage_exporter may stand in another folder.
std::string FakeRouters::PathOf(const std::string& name) const {
  return (std::filesystem::absolute(options_.folder) / name).string();
}

void FakeRouters::WriteTruth() const { WriteFile(PathOf("truth"), world_.TruthText(), 0644); }

}  // namespace usage::sim
