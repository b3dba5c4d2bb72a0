#include "sim/metrics_page.h"

#include <array>
#include <sstream>
#include <stdexcept>

#include "core/metrics_text.h"

namespace usage::sim {
namespace {

struct Family {
  std::string_view name;
  FigureKind kind;
  uint64_t Volume::*direction;
};
constexpr std::array<Family, 8> kFamilies = {{
    {"usage_upload_bytes_total", FigureKind::kTotal, &Volume::upload},
    {"usage_download_bytes_total", FigureKind::kTotal, &Volume::download},
    {"usage_today_upload_bytes", FigureKind::kToday, &Volume::upload},
    {"usage_today_download_bytes", FigureKind::kToday, &Volume::download},
    {"usage_month_upload_bytes", FigureKind::kMonth, &Volume::upload},
    {"usage_month_download_bytes", FigureKind::kMonth, &Volume::download},
    {"usage_subscriber_today_upload_bytes", FigureKind::kSubscriberToday, &Volume::upload},
    {"usage_subscriber_today_download_bytes", FigureKind::kSubscriberToday, &Volume::download},
}};

void Add(const Family& family, const Sample& sample, Figures& figures) {
  auto value = WholeNumber(sample.value);
  if (!value) throw std::runtime_error(sample.value + " is no number of bytes");
  auto label = [&](const char* name) {
    auto found = sample.labels.find(name);
    return found == sample.labels.end() ? std::string() : found->second;
  };
  figures[{family.kind, label("tenant_id"), label("access"), "", label("subscriber")}].*
      family.direction += *value;
}

}  // namespace

Figures ParsePage(const std::string& page) {
  Figures figures;
  std::istringstream lines(page);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      auto sample = ParseSample(line);
      for (const Family& family : kFamilies) {
        if (sample && sample->name == family.name) Add(family, *sample, figures);
      }
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("line " + std::to_string(number) + ": " + error.what());
    }
  }
  return figures;
}

}  // namespace usage::sim
