#include "core/alert_thresholds.h"

#include "core/strict_yaml.h"

namespace usage {
namespace {

// Whoever fills the column must not keep a reader of YAML busy.
constexpr size_t kLongestText = 4096;

double ThresholdOf(const AlertKind& kind, int number) {
  return kind.is_percent ? number / 100.0 : number;
}

void ReadThreshold(const YamlValue& value, const AlertKind& kind, std::optional<double>* out) {
  std::optional<int> number;
  if (!value.ReadNumberOrOff(&number, kind.is_percent ? "%" : "", kind.least, kind.most)) return;
  *out = number ? std::optional(ThresholdOf(kind, *number)) : std::nullopt;
}

}  // namespace

AlertThresholds DefaultAlertThresholds() {
  AlertThresholds thresholds;
  for (size_t i = 0; i < kAlertKinds.size(); ++i) {
    thresholds[i] = ThresholdOf(kAlertKinds[i], kAlertKinds[i].otherwise);
  }
  return thresholds;
}

void ReadAlertThresholds(const YamlValue& value, AlertThresholds* out) {
  YamlMap map(value);
  for (size_t i = 0; i < kAlertKinds.size(); ++i) {
    ReadThreshold(map[std::string(kAlertKinds[i].name)], kAlertKinds[i], &(*out)[i]);
  }
}

std::string ReadAlertThresholds(const std::string& text, AlertThresholds* out) {
  if (text.size() > kLongestText) return "alerts: is longer than 4 KiB, which is no map of alerts";
  YamlFile file = YamlFile::Parse("alerts", text);
  ReadAlertThresholds(file.root(), out);
  return file.faults();
}

}  // namespace usage
