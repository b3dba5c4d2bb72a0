#include "sim/routers/fake_routers.h"

#include <openssl/rand.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "core/atomic_file.h"

namespace usage::sim {
namespace {

struct ProtocolName {
  FakeProtocol protocol;
  const char* name;
  const char* in_config;
};
constexpr std::array<ProtocolName, 3> kProtocols = {{
    {FakeProtocol::kRest, "rest", "routeros_rest"},
    {FakeProtocol::kApi, "api", "routeros_api"},
    {FakeProtocol::kApiTls, "api-ssl", "routeros_api"},
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

void WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  FileDraft(path, text, mode).Commit();
}

}  // namespace

struct FakeRouters::One {
  std::string name, tenant;
  FakeProtocol protocol;
  std::unique_ptr<RouterService> service;
  RouterCertificate certificate, next_certificate;
  bool is_pinned = false;  // else the authority is trusted
  int port = 0;

  bool has_tls() const { return protocol != FakeProtocol::kApi; }
};

Expected<FakeProtocol> ParseFakeProtocol(const std::string& name) {
  for (const ProtocolName& one : kProtocols) {
    if (name == one.name) return one.protocol;
  }
  return Error{name + ": write rest, api or api-ssl"};
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
  one->is_pinned = number / static_cast<int>(options_.protocols.size()) % 2 == 1;
  one->service = std::make_unique<RouterService>(
      router, RouterService::Options{number, router.faults(), account_,
                                     [&router] { return router.is_off(); }, seed});
  if (one->has_tls()) {
    one->certificate = maker_.Make(one->name);
    one->next_certificate = other_maker_.Make(one->name);
  }
  RouterDoor door = DoorOf(*one, router);
  if (options_.first_port != 0) door.port = options_.first_port + number;
  one->port = server_.Open(std::move(door));
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

std::string FakeRouters::EntryOf(const One& one) const {
  std::string tls = "off";
  if (one.has_tls()) {
    tls = one.is_pinned ? "{fingerprint: \"" + one.certificate.fingerprint + "\"}"
                        : "{ca_file: \"" + PathOf("ca.pem") + "\"}";
  }
  return "  - name: " + one.name + "\n    tenant: " + one.tenant +
         "\n    protocol: " + NameOf(one.protocol).in_config +
         "\n    address: 127.0.0.1:" + std::to_string(one.port) + "\n    tls: " + tls +
         "\n    credentials: {user: " + account_.user + ", password_file: \"" + PathOf("password") +
         "\"}\n";
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
  for (const auto& one : all_) sum += one->service->requests();
  return sum;
}

// Absolute: usage_exporter may stand in another folder.
std::string FakeRouters::PathOf(const std::string& name) const {
  return (std::filesystem::absolute(options_.folder) / name).string();
}

void FakeRouters::WriteTruth() const { WriteFile(PathOf("truth"), world_.TruthText(), 0644); }

}  // namespace usage::sim
