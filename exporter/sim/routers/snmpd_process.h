// Debian's snmpd as a child: it speaks SNMP, and asks a subagent by AgentX for every value.
#pragma once

#include <sys/types.h>

#include <string>

namespace usage::sim {

struct SnmpdOptions {
  std::string folder;  // of its own: configuration, engine id and boots, log, the AgentX socket
  std::string program = "/usr/sbin/snmpd";
  int port = 0;  // UDP at 127.0.0.1; 0: any free one
  std::string community = "public";
  std::string user = "usage";                              // v3
  std::string auth_protocol = "SHA", auth_password;        // "" as password: no v3 user
  std::string privacy_protocol = "AES", privacy_password;  // "" as password: without privacy
};

// For one thread: when that one ends, the kernel kills
// snmpd, as it does when the whole program ends, in whatever way.
class SnmpdProcess {
 public:
  // Makes the folder and the configuration.
  explicit SnmpdProcess(SnmpdOptions options);
  ~SnmpdProcess() { End(); }
  SnmpdProcess(const SnmpdProcess&) = delete;
  SnmpdProcess& operator=(const SnmpdProcess&) = delete;

  // Throws std::runtime_error with the remedy.
  void Start();
  void End();
  // So that after the next start it is the same engine that has booted once more.
  void EndOrderly();
  // Stands still: it answers nobody, as a router that hangs.
  void SetSilent(bool is_silent);
  // Throws std::runtime_error with what snmpd said, if it has ended.
  void CheckItRuns();

  int port() const { return options_.port; }
  std::string socket() const { return options_.folder + "/agentx"; }

 private:
  void WriteConfiguration() const;
  void BecomeSnmpd();

  SnmpdOptions options_;
  pid_t pid_ = -1;
  bool is_silent_ = false;
};

}  // namespace usage::sim
