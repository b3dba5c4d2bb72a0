#include "gateway/reach.h"

#include <algorithm>
#include <cmath>

namespace usage::gateway {
namespace {

constexpr double kDefaultStepMs = 60'000;  // Prometheus's global evaluation_interval
constexpr double kMostMs = 1e15;           // 30,000 years; also for what is infinite

// In milliseconds. What is no number counts as 0: Prometheus refuses to evaluate it.
class DurationValue {
 public:
  explicit DurationValue(const TimeFrame& frame) : frame_(frame) {}

  double MsOf(const Duration& duration) const {
    double ms = Seconds(duration) * 1000;
    return std::isnan(ms) ? 0 : std::clamp(ms, -kMostMs, kMostMs);
  }

  double operator()(const DurationLiteral& literal) const { return literal.seconds; }
  double operator()(const DurationCall& call) const {
    bool step = call.source == DurationSource::kStep;
    return static_cast<double>(step ? frame_.step_ms : frame_.range_ms) / 1000;
  }
  double operator()(const DurationChoice& choice) const {
    double left = Seconds(*choice.left), right = Seconds(*choice.right);
    return choice.greater ? std::max(left, right) : std::min(left, right);
  }
  double operator()(const DurationMinus& minus) const { return -Seconds(*minus.operand); }
  double operator()(const DurationParens& parens) const { return Seconds(*parens.inner); }
  double operator()(const DurationBinary& binary) const {
    double left = Seconds(*binary.left), right = Seconds(*binary.right);
    switch (binary.op) {
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
        return left / right;
      case '%':
        return std::fmod(left, right);
      default:
        return std::pow(left, right);
    }
  }

 private:
  double Seconds(const Duration& duration) const { return std::visit(*this, duration.node); }

  const TimeFrame& frame_;
};

class ReachMeter {
 public:
  ReachMeter(const TimeFrame& frame, EnforcedQuery* query) : durations_(frame), query_(*query) {}

  void operator()(const VectorSelector& selector) { Note(Shift(selector.modifiers, 0)); }
  void operator()(const MatrixSelector& matrix) {
    Note(Shift(matrix.selector.modifiers, durations_.MsOf(*matrix.range)));
  }
  void operator()(const Subquery& subquery) {
    View outer = view_;
    double range = durations_.MsOf(*subquery.range);
    view_ = Shift(subquery.modifiers, range);
    view_.points *= std::max(1.0, range / StepOf(subquery));
    query_.subquery_points = std::max(query_.subquery_points, view_.points);
    Measure(*subquery.expr);
    view_ = outer;
  }
  void operator()(const NumberLiteral&) {}
  void operator()(const StringLiteral&) {}
  void operator()(const Parens& parens) { Measure(*parens.inner); }
  void operator()(const Unary& unary) { Measure(*unary.operand); }
  void operator()(const Binary& binary) {
    Measure(*binary.left);
    Measure(*binary.right);
  }
  void operator()(const Aggregation& aggregation) {
    if (aggregation.parameter != nullptr) Measure(*aggregation.parameter);
    Measure(*aggregation.expr);
  }
  void operator()(const Call& call) {
    for (const Expr* argument : call.arguments) Measure(*argument);
  }

  void Measure(const Expr& expr) { std::visit(*this, expr.node); }

 private:
  // Where an expression is evaluated from, by what stands around it.
  struct View {
    double back_ms = 0;           // before the evaluation time, or before `at_ms`
    std::optional<double> at_ms;  // pinned by an @
    double points = 1;
  };

  // An @ pins the time, whatever the subqueries around it ask.
  View Shift(const Modifiers& modifiers, double range_ms) const {
    View view = view_;
    if (modifiers.at.kind != AtKind::kNone) {
      view.back_ms = 0;
      view.at_ms.reset();
    }
    if (modifiers.at.kind == AtKind::kTime) {
      view.at_ms = std::clamp(modifiers.at.seconds * 1000, -kMostMs, kMostMs);
    }
    view.back_ms += range_ms;
    if (modifiers.offset != nullptr) view.back_ms += durations_.MsOf(*modifiers.offset);
    return view;
  }

  double StepOf(const Subquery& subquery) {
    double step = subquery.step == nullptr ? 0 : durations_.MsOf(*subquery.step);
    if (step < 1) return kDefaultStepMs;
    int64_t& smallest = query_.smallest_subquery_step_ms;
    auto whole = static_cast<int64_t>(step);
    smallest = smallest == 0 ? whole : std::min(smallest, whole);
    return step;
  }

  void Note(const View& view) {
    double back = std::clamp(view.back_ms, -kMostMs, kMostMs);
    if (!view.at_ms) {
      query_.lookback_ms = std::max(query_.lookback_ms, static_cast<int64_t>(back));
      return;
    }
    auto earliest = static_cast<int64_t>(*view.at_ms - back);
    query_.earliest_at_ms = std::min(query_.earliest_at_ms.value_or(earliest), earliest);
  }

  DurationValue durations_;
  EnforcedQuery& query_;
  View view_;
};

}  // namespace

void MeasureReach(const Expr& root, const TimeFrame& frame, EnforcedQuery* query) {
  ReachMeter(frame, query).Measure(root);
}

}  // namespace usage::gateway
