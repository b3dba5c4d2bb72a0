#include "tests/support/freeradius.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace usage::testing {
namespace {

// Free now; nobody else is given it soon, for the kernel chooses them at random.
int FreeUdpPort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool is_bound = bind(file, any, size) == 0 && getsockname(file, any, &size) == 0;
  close(file);
  if (!is_bound) throw std::runtime_error("FreeRADIUS: no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

std::string MakeFolder() {
  std::string folder = std::filesystem::temp_directory_path() / "usage-radius-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error(folder + ": can't make it");
  // FreeRADIUS runs as another user than root.
  std::filesystem::permissions(folder, std::filesystem::perms(0755));
  return folder;
}

// Runs compose/lib/freeradius; throws with its output when it fails.
void RunScript(const std::string& arguments) {
  std::string command = USAGE_SOURCE_DIR "/compose/lib/freeradius " + arguments + " 2>&1";
  FILE* output = popen(command.c_str(), "re");
  if (output == nullptr) throw std::runtime_error("FreeRADIUS: no shell");
  std::string text;
  for (int c; (c = std::fgetc(output)) != EOF;) text += static_cast<char>(c);
  if (pclose(output) != 0) throw std::runtime_error("FreeRADIUS: " + text);
}

}  // namespace

FreeRadius::FreeRadius(const std::string& dsn)
    : dsn_(dsn), folder_(MakeFolder()), port_(FreeUdpPort()) {
  std::ofstream(secret_file()) << secret_ << '\n';
  Start();
}

FreeRadius::~FreeRadius() try {
  Stop();
  std::filesystem::remove_all(folder_);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
}

void FreeRadius::Start() {
  RunScript("start " + folder_ + "/server " + std::to_string(port_) + " '" + dsn_ + "' " +
            secret_file());
}

void FreeRadius::Stop() { RunScript("stop " + folder_ + "/server"); }

}  // namespace usage::testing
