// A page of metrics, to be asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/metrics_text.h"

namespace usage::doctor {

using Labels = std::map<std::string, std::string>;

class MetricsPage {
 public:
  MetricsPage() = default;
  // Throws std::runtime_error that names the line.
  explicit MetricsPage(const std::string& text);

  // Of the first series of that name that has these labels.
  std::optional<double> Value(const std::string& name, const Labels& labels = {}) const;
  // Of all of them: 0 of none.
  double Sum(const std::string& name, const Labels& labels = {}) const;
  size_t Count(const std::string& name) const;
  // A label of the first series; "" without one.
  std::string Label(const std::string& name, const std::string& label) const;

 private:
  using Series = std::pair<Labels, double>;

  std::vector<double> Values(const std::string& name, const Labels& labels) const;

  std::map<std::string, std::vector<Series>> series_;
};

}  // namespace usage::doctor
