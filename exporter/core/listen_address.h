// The value of --web.listen-address.
#pragma once

#include <optional>
#include <string>

namespace usage {

struct ListenAddress {
  std::string host;  // without brackets; "" means every address of the machine
  int port = 0;      // 0: any free one
};

// "host:port", ":port", "[::1]:port"; none for anything else.
std::optional<ListenAddress> ParseListenAddress(const std::string& text);

// What to do when bind() or listen() failed with that errno: "; stop the program that …".
std::string BindRemedy(int error);

}  // namespace usage
