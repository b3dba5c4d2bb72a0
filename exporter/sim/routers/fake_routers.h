// The routers of a world on real sockets, and the list of them that usage_exporter reads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/expected.h"
#include "sim/routers/certificates.h"
#include "sim/routers/router_server.h"
#include "sim/routers/router_world.h"

namespace usage::sim {

enum class FakeProtocol { kRest, kApi, kApiTls, kSnmp };

// "rest", "api", "api-ssl" or "snmp", as RouterOS calls its services.
Expected<FakeProtocol> ParseFakeProtocol(const std::string& name);

struct FakeRoutersOptions {
  int routers = 0;                                                                     // 0: none
  std::vector<FakeProtocol> protocols = {FakeProtocol::kRest, FakeProtocol::kApiTls};  // in turn
  std::string file;    // routers.yaml to write; "": none
  std::string folder;  // of certificates, password and truth; made where it is not there
  int first_port = 0;  // the others follow; 0: any free ones
  int drift = 0;       // hundredths of a percent, see WithHeaders
  RouterFaultPlan faults;
};

// "" or what can't be done with these. `nases`: how many the population has.
std::string Complaint(const FakeRoutersOptions& options, int nases);

// Hundredths of a percent, of "2.8".
Expected<int> ParseDrift(const std::string& text);

class FakeRouters {
 public:
  // Listens and writes the files. `world` must outlive it. Throws std::runtime_error with the
  // remedy.
  FakeRouters(const RouterWorld& world, const FakeRoutersOptions& options, uint64_t seed);
  ~FakeRouters();
  FakeRouters(const FakeRouters&) = delete;
  FakeRouters& operator=(const FakeRouters&) = delete;

  // What listens where: a line for each, or one line of JSON.
  std::string Describe(bool json) const;
  uint64_t requests() const;  // that were answered, or met a fault
  // Rewrites FOLDER/truth with RouterWorld::TruthText.
  void WriteTruth() const;

 private:
  struct One;
  void MakeFolder() const;
  void Add(const WorldRouter& router, int number, uint64_t seed);
  RouterDoor DoorOf(One& one, const WorldRouter& router) const;
  void StartSnmp(One& one, const WorldRouter& router, int port) const;
  std::string RoutersYaml() const;
  std::string EntryOf(const One& one) const;
  std::string TlsOf(const One& one) const;
  std::string CredentialsOf(const One& one) const;
  std::string PathOf(const std::string& name) const;

  const RouterWorld& world_;
  const FakeRoutersOptions options_;
  RouterAccount account_;
  CertificateMaker maker_{"Routers of usage_sim"};
  CertificateMaker other_maker_{"Somebody else"};
  std::vector<std::unique_ptr<One>> all_;
  RouterServer server_;  // ends first
};

}  // namespace usage::sim
