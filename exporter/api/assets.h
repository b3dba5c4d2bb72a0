// The landing page's files, embedded at build time by embed.cmake.
#pragma once

#include <string_view>

namespace usage {

struct Asset {
  std::string_view body;  // lives as long as the program
  std::string_view hash;  // of the body: changes whenever it does
};

// The file of that name in web/; an empty body where there is none.
Asset FindAsset(std::string_view name);

}  // namespace usage
