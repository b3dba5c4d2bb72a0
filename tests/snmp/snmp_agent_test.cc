// The fake's SNMP as Debian's snmpbulkwalk and snmpget read it: what usage_exporter's reader makes
// of the same router stands in golden/reading.txt beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "tests/snmp/fake_model.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using testing::AgentIn;
using testing::FakeModel;
using testing::MadeState;
using testing::TempFolder;

const std::filesystem::path kGolden = std::filesystem::path(USAGE_SOURCE_DIR) / "tests/snmp/golden";
const std::string kTools = "MIBS= MIBDIRS=/nonexistent timeout 60 ";

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> part;
  while (size_t size = fread(part.data(), 1, part.size(), pipe)) output.append(part.data(), size);
  pclose(pipe);
  return output;
}

std::string Walk(const sim::SnmpAgent& agent, const std::string& flags, const std::string& root) {
  return OutputOf(kTools + "snmpbulkwalk " + flags +
                  " -On 127.0.0.1:" + std::to_string(agent.port()) + " " + root);
}

const std::string kV2 = "-v2c -c right-community";
const std::string kV3 =
    "-v3 -u reader -l authPriv -a SHA -A right-authentication -x AES -X right-privacy";

TEST(SnmpAgent, IsWhatSnmpbulkwalkReadsByBothVersions) {
  TempFolder folder;
  FakeModel model(MadeState(2));
  sim::SnmpAgent agent(model, AgentIn(folder));
  const std::string all = Walk(agent, kV2, ".1.3.6.1.2.1") + Walk(agent, kV2, ".1.3.6.1.4.1");
  testing::ExpectGolden(kGolden / "walk.txt", all);
  EXPECT_EQ(Walk(agent, kV3, ".1.3.6.1.2.1") + Walk(agent, kV3, ".1.3.6.1.4.1"), all);
}

TEST(SnmpAgent, AnswersNobodyWithAnotherCommunity) {
  TempFolder folder;
  FakeModel model(MadeState(1));
  sim::SnmpAgent agent(model, AgentIn(folder));
  EXPECT_THAT(Walk(agent, "-v2c -c wrong -t 0.3 -r 0", ".1.3.6.1.2.1"),
              ::testing::HasSubstr("Timeout"));
}

TEST(SnmpAgent, KeepsARowsIndexWhileTheSessionLasts) {
  TempFolder folder;
  FakeModel model(MadeState(3));
  sim::SnmpAgent agent(model, AgentIn(folder));
  const std::string names = ".1.3.6.1.2.1.31.1.1.1.1";
  const std::string before = Walk(agent, kV2, names);
  model.Change([](sim::ModelState& state) { state.sessions.erase(state.sessions.begin()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // a view's life
  EXPECT_EQ(Walk(agent, kV2, names), before) << "a hotspot's client has no interface";
}

std::string ChildOf(const std::string& pid) {
  return OutputOf("cat /proc/" + pid + "/task/*/children");
}

TEST(SnmpAgent, LeavesNoSnmpdBehindWhenTheProgramIsKilled) {
  TempFolder folder;
  const pid_t program = fork();
  if (program == 0) {
    FakeModel model(MadeState(1));
    sim::SnmpAgent agent(model, AgentIn(folder));
    std::ofstream(folder / "ready") << "yes";
    pause();
  }
  while (!std::filesystem::exists(folder / "ready")) std::this_thread::yield();
  const std::string snmpd = ChildOf(std::to_string(program));
  ASSERT_FALSE(snmpd.empty());
  kill(program, SIGKILL);
  waitpid(program, nullptr, 0);
  for (int i = 0; i < 1000 && kill(std::stoi(snmpd), 0) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_NE(kill(std::stoi(snmpd), 0), 0);
}

}  // namespace
}  // namespace usage
