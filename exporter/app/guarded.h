// How a command of usagectl ends.
#pragma once

#include <exception>
#include <ostream>

namespace usage {

// Runs a command; an exception is its message and a 1.
template <typename Command>
int Guarded(std::ostream& err, Command command) try {
  return command();
} catch (const std::exception& e) {
  err << "usagectl: " << e.what() << "\n";
  return 1;
}

}  // namespace usage
