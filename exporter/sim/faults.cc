#include "sim/faults.h"

#include <array>
#include <charconv>
#include <optional>
#include <sstream>

namespace usage::sim {
namespace {

struct Field {
  const char* name;
  double FaultRates::*rate;
};
constexpr std::array<Field, 8> kFields = {{
    {"lost_start", &FaultRates::lost_start},
    {"lost_stop", &FaultRates::lost_stop},
    {"late_stop", &FaultRates::late_stop},
    {"zeroed_stop", &FaultRates::zeroed_stop},
    {"reused_id", &FaultRates::reused_id},
    {"duplicate", &FaultRates::duplicate},
    {"purge", &FaultRates::purge},
    {"nas_reboot", &FaultRates::nas_reboot},
}};

std::optional<double> ParseRate(std::string_view text, double most) {
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !(value >= 0 && value <= most)) return std::nullopt;
  return value;
}

// Sets one of the rates; the text is "name=value". Returns what is wrong, or "".
std::string Set(FaultRates& rates, const std::string& item) {
  size_t equals = item.find('=');
  for (const Field& field : kFields) {
    if (item.substr(0, equals) != field.name) continue;
    double most = field.rate == &FaultRates::nas_reboot ? 1000 : 1;
    auto value = ParseRate(equals == std::string::npos ? "" : item.substr(equals + 1), most);
    if (!value)
      return item + ": write " + field.name + "=0.01, from 0 to " +
             std::to_string(static_cast<int>(most));
    rates.*field.rate = *value;
    return "";
  }
  return item + ": no such fault; there are " + DescribeFaults();
}

}  // namespace

Expected<FaultRates> ParseFaults(const std::string& text) {
  FaultRates rates;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    if (item == "none") {
      rates = FaultRates::None();
      continue;
    }
    if (std::string wrong = Set(rates, item); !wrong.empty()) return Error{"--faults: " + wrong};
  }
  return rates;
}

std::string DescribeFaults() {
  const FaultRates defaults;
  std::ostringstream text;
  for (const Field& field : kFields) {
    text << (text.tellp() > 0 ? "," : "") << field.name << "=" << defaults.*field.rate;
  }
  return text.str();
}

}  // namespace usage::sim
