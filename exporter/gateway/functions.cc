#include "gateway/functions.h"

#include <algorithm>
#include <iterator>

namespace usage::gateway {
namespace {

using enum Type;

// Sorted by name.
constexpr Function kFunctions[] = {
    {"abs", kVector, 1, {kVector}},
    {"absent", kVector, 1, {kVector}},
    {"absent_over_time", kVector, 1, {kMatrix}},
    {"acos", kVector, 1, {kVector}},
    {"acosh", kVector, 1, {kVector}},
    {"asin", kVector, 1, {kVector}},
    {"asinh", kVector, 1, {kVector}},
    {"atan", kVector, 1, {kVector}},
    {"atanh", kVector, 1, {kVector}},
    {"avg_over_time", kVector, 1, {kMatrix}},
    {"ceil", kVector, 1, {kVector}},
    {"changes", kVector, 1, {kMatrix}},
    {"clamp", kVector, 3, {kVector, kScalar, kScalar}},
    {"clamp_max", kVector, 2, {kVector, kScalar}},
    {"clamp_min", kVector, 2, {kVector, kScalar}},
    {"cos", kVector, 1, {kVector}},
    {"cosh", kVector, 1, {kVector}},
    {"count_over_time", kVector, 1, {kMatrix}},
    {"day_of_month", kVector, 1, {kVector}, 1},
    {"day_of_week", kVector, 1, {kVector}, 1},
    {"day_of_year", kVector, 1, {kVector}, 1},
    {"days_in_month", kVector, 1, {kVector}, 1},
    {"deg", kVector, 1, {kVector}},
    {"delta", kVector, 1, {kMatrix}},
    {"deriv", kVector, 1, {kMatrix}},
    {"double_exponential_smoothing", kVector, 3, {kMatrix, kScalar, kScalar}, 0, true},
    {"end", kScalar, 0, {}, 0, true},
    {"exp", kVector, 1, {kVector}},
    {"first_over_time", kVector, 1, {kMatrix}},
    {"floor", kVector, 1, {kVector}},
    {"histogram_avg", kVector, 1, {kVector}},
    {"histogram_count", kVector, 1, {kVector}},
    {"histogram_fraction", kVector, 3, {kScalar, kScalar, kVector}},
    {"histogram_quantile", kVector, 2, {kScalar, kVector}},
    {"histogram_quantiles", kVector, 4, {kVector, kString, kScalar, kScalar}, 9, true},
    {"histogram_stddev", kVector, 1, {kVector}},
    {"histogram_stdvar", kVector, 1, {kVector}},
    {"histogram_sum", kVector, 1, {kVector}},
    {"holt_winters", kVector, 3, {kMatrix, kScalar, kScalar}},  // of Prometheus 2.x
    {"hour", kVector, 1, {kVector}, 1},
    {"idelta", kVector, 1, {kMatrix}},
    {"increase", kVector, 1, {kMatrix}},
    {"info", kVector, 2, {kVector, kVector}, 1, true},
    {"integral", kVector, 2, {kMatrix, kScalar}, 1, true},
    {"irate", kVector, 1, {kMatrix}},
    {"label_join", kVector, 4, {kVector, kString, kString, kString}, kAnyNumber},
    {"label_replace", kVector, 5, {kVector, kString, kString, kString, kString}},
    {"last_over_time", kVector, 1, {kMatrix}},
    {"ln", kVector, 1, {kVector}},
    {"log10", kVector, 1, {kVector}},
    {"log2", kVector, 1, {kVector}},
    {"mad_over_time", kVector, 1, {kMatrix}, 0, true},
    {"max_of", kScalar, 2, {kScalar, kScalar}, 0, true},
    {"max_over_time", kVector, 1, {kMatrix}},
    {"min_of", kScalar, 2, {kScalar, kScalar}, 0, true},
    {"min_over_time", kVector, 1, {kMatrix}},
    {"minute", kVector, 1, {kVector}, 1},
    {"month", kVector, 1, {kVector}, 1},
    {"pi", kScalar, 0, {}},
    {"predict_linear", kVector, 2, {kMatrix, kScalar}},
    {"present_over_time", kVector, 1, {kMatrix}},
    {"quantile_over_time", kVector, 2, {kScalar, kMatrix}},
    {"rad", kVector, 1, {kVector}},
    {"range", kScalar, 0, {}, 0, true},
    {"rate", kVector, 1, {kMatrix}},
    {"resets", kVector, 1, {kMatrix}},
    {"round", kVector, 2, {kVector, kScalar}, 1},
    {"scalar", kScalar, 1, {kVector}},
    {"sgn", kVector, 1, {kVector}},
    {"sin", kVector, 1, {kVector}},
    {"sinh", kVector, 1, {kVector}},
    {"sort", kVector, 1, {kVector}},
    {"sort_by_label", kVector, 2, {kVector, kString}, kAnyNumber, true},
    {"sort_by_label_desc", kVector, 2, {kVector, kString}, kAnyNumber, true},
    {"sort_desc", kVector, 1, {kVector}},
    {"sqrt", kVector, 1, {kVector}},
    {"start", kScalar, 0, {}, 0, true},
    {"start_timestamp", kVector, 1, {kVector}, 0, true},
    {"stddev_over_time", kVector, 1, {kMatrix}},
    {"stdvar_over_time", kVector, 1, {kMatrix}},
    {"step", kScalar, 0, {}, 0, true},
    {"sum_over_time", kVector, 1, {kMatrix}},
    {"tan", kVector, 1, {kVector}},
    {"tanh", kVector, 1, {kVector}},
    {"time", kScalar, 0, {}},
    {"timestamp", kVector, 1, {kVector}},
    {"ts_of_first_over_time", kVector, 1, {kMatrix}, 0, true},
    {"ts_of_last_over_time", kVector, 1, {kMatrix}, 0, true},
    {"ts_of_max_over_time", kVector, 1, {kMatrix}, 0, true},
    {"ts_of_min_over_time", kVector, 1, {kMatrix}, 0, true},
    {"vector", kVector, 1, {kScalar}},
    {"year", kVector, 1, {kVector}, 1},
};

constexpr bool Before(const Function& function, std::string_view name) {
  return function.name < name;
}

static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions),
                             [](const Function& a, const Function& b) { return a.name < b.name; }));

}  // namespace

std::string_view NameOf(Type type) {
  switch (type) {
    case kScalar:
      return "scalar";
    case kVector:
      return "instant vector";
    case kMatrix:
      return "range vector";
    case kString:
      return "string";
  }
  return "";
}

const Function* FindFunction(std::string_view name) {
  const Function* row =
      std::lower_bound(std::begin(kFunctions), std::end(kFunctions), name, Before);
  return row != std::end(kFunctions) && row->name == name ? row : nullptr;
}

bool IsInfo(const Function& function) { return function.name == "info"; }

bool AnswersWithMatchers(const Function& function) {
  return function.name == "absent" || function.name == "absent_over_time";
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const Function& function : kFunctions) names.emplace_back(function.name);
  return names;
}

}  // namespace usage::gateway
