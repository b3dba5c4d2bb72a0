#include "gateway/printer.h"

#include "gateway/lexer.h"
#include "gateway/literals.h"
#include "gateway/operators.h"

namespace usage::gateway {
namespace {

class DurationPrinter {
 public:
  explicit DurationPrinter(std::string& out) : out_(out) {}

  void Print(const Duration& duration) { std::visit(*this, duration.node); }

  void operator()(const DurationLiteral& literal) {
    literal.number ? AppendNumber(literal.seconds, out_) : AppendSeconds(literal.seconds, out_);
  }
  void operator()(const DurationCall& call) {
    out_ += call.source == DurationSource::kStep ? "step()" : "range()";
  }
  void operator()(const DurationChoice& choice) {
    out_ += choice.greater ? "max_of(" : "min_of(";
    Print(*choice.left);
    out_ += ", ";
    Print(*choice.right);
    out_ += ')';
  }
  void operator()(const DurationMinus& minus) {
    out_ += '-';
    Print(*minus.operand);
  }
  void operator()(const DurationParens& parens) {
    out_ += '(';
    Print(*parens.inner);
    out_ += ')';
  }
  void operator()(const DurationBinary& binary) {
    Print(*binary.left);
    out_ += {' ', binary.op, ' '};
    Print(*binary.right);
  }

 private:
  std::string& out_;
};

std::string_view TextOf(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kMatches:
      return "=~";
    case MatchOp::kMatchesNot:
      return "!~";
  }
  return "";
}

// Words that may not stand in a list of labels without quotes; see SelectorParser::ParseLabel.
bool IsRefusedAsLabel(std::string_view label) {
  TokenKind kind = KeywordOf(label);
  return kind == TokenKind::kWithout || kind == TokenKind::kNumber;
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void Print(const Expr& expr) { std::visit(*this, expr.node); }

  void operator()(const NumberLiteral& number) { AppendNumber(number.value, out_); }
  void operator()(const StringLiteral& text) { AppendQuoted(text.value, out_); }
  void operator()(const Parens& parens) {
    out_ += '(';
    Print(*parens.inner);
    out_ += ')';
  }
  void operator()(const Unary& unary) {
    out_ += unary.minus ? '-' : '+';
    Print(*unary.operand);
  }
  void operator()(const Binary& binary) {
    Print(*binary.left);
    out_ += ' ';
    out_ += RowOf(binary.op).text;
    PrintMatching(binary.matching);
    out_ += ' ';
    Print(*binary.right);
  }
  void operator()(const Aggregation& aggregation) {
    out_ += NameOf(aggregation.op);
    PrintGrouping(aggregation);
    out_ += '(';
    if (aggregation.parameter != nullptr) {
      Print(*aggregation.parameter);
      out_ += ", ";
    }
    Print(*aggregation.expr);
    out_ += ')';
  }
  void operator()(const Call& call) {
    out_ += call.function->name;
    out_ += '(';
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      if (i > 0) out_ += ", ";
      Print(*call.arguments[i]);
    }
    out_ += ')';
  }
  void operator()(const VectorSelector& selector) {
    PrintNameAndMatchers(selector);
    PrintModifiers(selector.modifiers);
  }
  void operator()(const MatrixSelector& matrix) {
    PrintNameAndMatchers(matrix.selector);
    out_ += '[';
    PrintDuration(*matrix.range);
    out_ += ']';
    PrintModifiers(matrix.selector.modifiers);
  }
  void operator()(const Subquery& subquery) {
    Print(*subquery.expr);
    out_ += '[';
    PrintDuration(*subquery.range);
    out_ += ':';
    if (subquery.step != nullptr) PrintDuration(*subquery.step);
    out_ += ']';
    PrintModifiers(subquery.modifiers);
  }

 private:
  void PrintDuration(const Duration& duration) { DurationPrinter(out_).Print(duration); }

  void PrintNameAndMatchers(const VectorSelector& selector) {
    out_ += selector.name;
    if (selector.matchers.empty() && !selector.name.empty()) return;
    out_ += '{';
    for (size_t i = 0; i < selector.matchers.size(); ++i) {
      if (i > 0) out_ += ',';
      PrintMatcher(selector.matchers[i], out_);
    }
    out_ += '}';
  }

  void PrintModifiers(const Modifiers& modifiers) {
    if (modifiers.mode == RangeMode::kAnchored) out_ += " anchored";
    if (modifiers.mode == RangeMode::kSmoothed) out_ += " smoothed";
    PrintAt(modifiers.at);
    if (modifiers.offset == nullptr) return;
    out_ += " offset ";
    // With a sign the parentheses are all of the offset. Without, `offset (5m) + 1` is one of 5m1s.
    if (std::holds_alternative<DurationParens>(modifiers.offset->node)) out_ += '+';
    PrintDuration(*modifiers.offset);
  }

  void PrintAt(const At& at) {
    switch (at.kind) {
      case AtKind::kNone:
        return;
      case AtKind::kTime:
        out_ += " @ ";
        return AppendNumber(at.seconds, out_);
      case AtKind::kStart:
        out_ += " @ start()";
        return;
      case AtKind::kEnd:
        out_ += " @ end()";
        return;
    }
  }

  void PrintGrouping(const Aggregation& aggregation) {
    if (aggregation.grouping == Grouping::kNone) return;
    out_ += aggregation.grouping == Grouping::kBy ? " by " : " without ";
    PrintLabels(aggregation.labels);
    out_ += ' ';
  }

  void PrintLabels(std::span<const std::string_view> labels) {
    out_ += '(';
    for (size_t i = 0; i < labels.size(); ++i) {
      if (i > 0) out_ += ", ";
      bool plain = IsPlainLabel(labels[i]) && !IsRefusedAsLabel(labels[i]);
      plain ? static_cast<void>(out_ += labels[i]) : AppendQuoted(labels[i], out_);
    }
    out_ += ')';
  }

  void PrintMatching(const Matching& matching) {
    if (matching.return_bool) out_ += " bool";
    if (matching.on != MatchOn::kAll) {
      out_ += matching.on == MatchOn::kOn ? " on " : " ignoring ";
      PrintLabels(matching.labels);
    }
    // The empty list is written: `group_left (a + b)` would be read as one.
    if (matching.group != GroupSide::kNone) {
      out_ += matching.group == GroupSide::kLeft ? " group_left " : " group_right ";
      PrintLabels(matching.include);
    }
    PrintFills(matching);
  }

  void PrintFills(const Matching& matching) {
    if (matching.fill_left && matching.fill_left == matching.fill_right) {
      return PrintFill(" fill (", *matching.fill_left);
    }
    if (matching.fill_left) PrintFill(" fill_left (", *matching.fill_left);
    if (matching.fill_right) PrintFill(" fill_right (", *matching.fill_right);
  }

  void PrintFill(std::string_view open, double value) {
    out_ += open;
    AppendNumber(value, out_);
    out_ += ')';
  }

  std::string& out_;
};

}  // namespace

void Print(const Expr& expr, std::string& out) { Printer(out).Print(expr); }

// Inside of braces every word is a label.
void PrintMatcher(const Matcher& matcher, std::string& out) {
  IsPlainLabel(matcher.label) ? static_cast<void>(out += matcher.label)
                              : AppendQuoted(matcher.label, out);
  out += TextOf(matcher.op);
  AppendQuoted(matcher.value, out);
}

}  // namespace usage::gateway
