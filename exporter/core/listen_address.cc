#include "core/listen_address.h"

#include <cerrno>
#include <charconv>

namespace usage {
namespace {

std::optional<int> ParsePort(const std::string& text) {
  int port = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && port >= 0 && port <= 65535 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<ListenAddress> ParseListenAddress(const std::string& text) {
  size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = text.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find_first_of(":[]") != std::string::npos) return std::nullopt;
  std::optional<int> port = ParsePort(text.substr(colon + 1));
  return port ? std::optional(ListenAddress{host, *port}) : std::nullopt;
}

std::string BindRemedy(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; stop the program that has the port ('ss -ltnp' names it), or give another address "
             "with --web.listen-address";
    case EACCES:
      return "; ports below 1024 are for root: give a higher one with --web.listen-address";
    default:
      return "; give an address of this machine (see 'ip address') with --web.listen-address";
  }
}

}  // namespace usage
