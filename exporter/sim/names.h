// Names as small providers, hotels and their customers have them.
#pragma once

#include <string>

#include "core/types.h"
#include "sim/random.h"

namespace usage::sim {

enum class TenantKind { kProvider, kHotel, kEstate };

// Distinct for distinct `index`; with the quotes, accents and backslashes of real ones.
std::string TenantName(TenantKind kind, int index, Random& random);

std::string Uuid(Random& random);                    // of version 4 by its form
std::string MacAddress(Random& random);              // "D4:CA:6D:12:34:56"
std::string VoucherCode(int index, Random& random);  // distinct for distinct `index` < 32^4
std::string LoginName(int index, Random& random);    // distinct for distinct `index`

}  // namespace usage::sim
