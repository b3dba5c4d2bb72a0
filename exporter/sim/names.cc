#include "sim/names.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace usage::sim {
namespace {

constexpr std::array<std::string_view, 24> kPlaces = {
    "Seeblick",    "Karibu",  "Mombasa Road", "Zürichberg",      "Lakeside",   "Ngong Hills",
    "São Bento",   "Pokhara", "O'Brien's",    "Kilimani",        "Harbour",    "\"Old Mill\"",
    "Tiare Beach", "Nyali",   "Waldheim",     "Rue de l'Église", "Rongai",     "Fagatogo",
    "Queens",      "Thamel",  "Westlands",    "Kreuzberg",       "C:\\Corner", "Betio",
};
constexpr std::array<std::string_view, 5> kProviders = {"Net", "Broadband", "Wireless", "Fibre",
                                                        "Telecom"};
constexpr std::array<std::string_view, 5> kHotels = {"Hotel", "Lodge", "Guest House", "Inn",
                                                     "Resort & Spa"};
constexpr std::array<std::string_view, 4> kEstates = {"Estate", "Apartments", "Campus", "Heights"};
constexpr std::array<std::string_view, 20> kFirst = {
    "amina", "otieno", "meier", "schulz",  "kamau", "sita", "tane",   "rosa", "okafor", "hansen",
    "wanja", "moana",  "priya", "mueller", "juma",  "ana",  "teuila", "bob",  "njeri",  "li"};
constexpr std::array<std::string_view, 6> kVendors = {"D4:CA:6D", "48:8F:5A", "DC:2C:6E",
                                                      "A4:C3:F0", "3C:5A:B4", "F8:E4:E3"};
// Without the letters that look like digits.
constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

template <size_t N>
std::string_view Pick(const std::array<std::string_view, N>& words, Random& random) {
  return words[static_cast<size_t>(random.Between(0, N - 1))];
}

std::string_view Trade(TenantKind kind, Random& random) {
  switch (kind) {
    case TenantKind::kProvider:
      return Pick(kProviders, random);
    case TenantKind::kHotel:
      return Pick(kHotels, random);
    case TenantKind::kEstate:
      break;
  }
  return Pick(kEstates, random);
}

}  // namespace

std::string TenantName(TenantKind kind, int index, Random& random) {
  auto place = static_cast<size_t>(index) % kPlaces.size();
  auto round = static_cast<size_t>(index) / kPlaces.size();
  std::string name = std::string(kPlaces[place]) + " " + std::string(Trade(kind, random));
  return round == 0 ? name : name + " " + std::to_string(round + 1);
}

std::string Uuid(Random& random) {
  uint64_t high = random.Next(), low = random.Next();
  char text[64];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx",
                static_cast<unsigned>(high >> 32), static_cast<unsigned>(high >> 16 & 0xffff),
                static_cast<unsigned>(high & 0xfff),
                static_cast<unsigned>(0x8000 | (low >> 48 & 0x3fff)),
                static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

std::string MacAddress(Random& random) {
  auto device = static_cast<unsigned>(random.Next() & 0xffffff);
  char text[16];
  std::snprintf(text, sizeof text, ":%02X:%02X:%02X", device >> 16, device >> 8 & 0xff,
                device & 0xff);
  return std::string(Pick(kVendors, random)) + text;
}

std::string VoucherCode(int index, Random& random) {
  std::string code;
  for (int i = 0; i < 4; ++i) code += kLetters[static_cast<size_t>(random.Between(0, 31))];
  code += '-';
  for (int shift = 15; shift >= 0; shift -= 5) {
    code += kLetters[static_cast<size_t>(index >> shift & 31)];
  }
  return code;
}

std::string LoginName(int index, Random& random) {
  return std::string(Pick(kFirst, random)) + "." + std::to_string(100 + index);
}

}  // namespace usage::sim
