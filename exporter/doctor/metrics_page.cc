#include "doctor/metrics_page.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace usage::doctor {
namespace {

bool HasAll(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& pair) {
    const auto found = labels.find(pair.first);
    return found != labels.end() && found->second == pair.second;
  });
}

}  // namespace

MetricsPage::MetricsPage(const std::string& text) {
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      const auto sample = ParseSample(line);
      if (!sample) continue;
      series_[sample->name].emplace_back(sample->labels,
                                         std::strtod(sample->value.c_str(), nullptr));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error("no page of metrics: line " + std::to_string(number) + ": " +
                               error.what());
    }
  }
}

std::vector<double> MetricsPage::Values(const std::string& name, const Labels& labels) const {
  std::vector<double> values;
  const auto found = series_.find(name);
  if (found == series_.end()) return values;
  for (const auto& [own, value] : found->second) {
    if (HasAll(own, labels)) values.push_back(value);
  }
  return values;
}

std::optional<double> MetricsPage::Value(const std::string& name, const Labels& labels) const {
  const std::vector<double> values = Values(name, labels);
  return values.empty() ? std::nullopt : std::optional(values.front());
}

double MetricsPage::Sum(const std::string& name, const Labels& labels) const {
  const std::vector<double> values = Values(name, labels);
  return std::accumulate(values.begin(), values.end(), 0.0);
}

size_t MetricsPage::Count(const std::string& name) const {
  const auto found = series_.find(name);
  return found == series_.end() ? 0 : found->second.size();
}

std::string MetricsPage::Label(const std::string& name, const std::string& label) const {
  const auto found = series_.find(name);
  if (found == series_.end() || found->second.empty()) return "";
  const Labels& labels = found->second.front().first;
  const auto value = labels.find(label);
  return value == labels.end() ? "" : value->second;
}

}  // namespace usage::doctor
