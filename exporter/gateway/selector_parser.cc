#include "gateway/selector_parser.h"

#include "core/utf8.h"
#include "gateway/literals.h"

namespace usage::gateway {
namespace {

using enum TokenKind;

bool IsValidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    size_t size = Utf8CharacterSize(text, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

}  // namespace

bool SelectorParser::IsMetricName(TokenKind kind) {
  switch (kind) {
    case kIdentifier:
    case kMetricIdentifier:
    case kAnd:
    case kOr:
    case kUnless:
    case kAnchored:
    case kBy:
    case kOffset:
    case kSmoothed:
    case kWithout:
    case kEndWord:
    case kMaxOf:
    case kMinOf:
    case kRange:
    case kStart:
    case kStep:
      return true;
    default:
      return IsAggregator(kind);
  }
}

VectorSelector SelectorParser::Parse() {
  VectorSelector selector;
  if (IsMetricName(tokens_.Now().kind)) selector.name = tokens_.TextOf(tokens_.Take());
  matchers_.clear();
  if (tokens_.Accept(kLeftBrace)) ParseMatchers();
  selector.matchers = tree_.Copy(std::span<const Matcher>(matchers_));
  return selector;
}

void SelectorParser::ParseMatchers() {
  while (!tokens_.Accept(kRightBrace)) {
    matchers_.push_back(ParseMatcher());
    if (tokens_.Accept(kComma)) continue;
    tokens_.Expect(kRightBrace, "label matching", "\",\" or \"}\"");
    return;
  }
}

Matcher SelectorParser::ParseMatcher() {
  Token name = tokens_.Now();
  bool quoted = name.kind == kString;
  if (!quoted && name.kind != kIdentifier) {
    tokens_.Unexpected("label matching", "identifier or \"}\"");
  }
  tokens_.Take();
  std::string_view label = quoted ? ValueOf(name) : tokens_.TextOf(name);
  // A string alone is the metric's name: {"metric.name", "label.name"="value"}.
  if (quoted && (tokens_.Is(kComma) || tokens_.Is(kRightBrace))) {
    return {"__name__", MatchOp::kEqual, label, name.begin};
  }
  if (!IsValidUtf8(label)) Refuse(name, "invalid label name for matching");
  MatchOp op = ParseMatchOp();
  return {label, op, ValueOf(tokens_.Expect(kString, "label matching", "string")), name.begin};
}

MatchOp SelectorParser::ParseMatchOp() {
  TokenKind kind = tokens_.Now().kind;
  if (kind != kAssign && kind != kNotEqual && kind != kMatches && kind != kMatchesNot) {
    tokens_.Unexpected("label matching", "label matching operator");
  }
  tokens_.Take();
  if (kind == kAssign) return MatchOp::kEqual;
  if (kind == kNotEqual) return MatchOp::kNotEqual;
  return kind == kMatches ? MatchOp::kMatches : MatchOp::kMatchesNot;
}

std::span<const std::string_view> SelectorParser::ParseLabels() {
  labels_.clear();
  tokens_.Expect(kLeftParen, "grouping opts", "\"(\"");
  while (!tokens_.Accept(kRightParen)) {
    labels_.push_back(ParseLabel());
    if (tokens_.Accept(kComma)) continue;
    tokens_.Expect(kRightParen, "grouping opts", "\",\" or \")\"");
    break;
  }
  return tree_.Copy(std::span<const std::string_view>(labels_));
}

// Every word may be a label, except `without`: so it is in Prometheus's grammar.
std::string_view SelectorParser::ParseLabel() {
  Token token = tokens_.Now();
  bool word = token.kind == kIdentifier || token.kind == kMetricIdentifier ||
              (IsWord(token.kind) && token.kind != kWithout);
  if (!word && token.kind != kString) tokens_.Unexpected("grouping opts", "label");
  tokens_.Take();
  if (word) return tokens_.TextOf(token);
  std::string_view label = ValueOf(token);
  if (label.empty() || !IsValidUtf8(label)) {
    Refuse(token, "invalid label name for grouping");
  }
  return label;
}

void SelectorParser::Refuse(const Token& token, const std::string& what) const {
  throw QueryFault{token.begin, what + ": " + std::string(tokens_.TextOf(token))};
}

std::string_view SelectorParser::ValueOf(const Token& token) {
  std::string_view text = tokens_.TextOf(token);
  bool raw = text[0] == '`' || text.find('\\') == std::string_view::npos;
  return raw ? text.substr(1, text.size() - 2) : tree_.Copy(std::string_view(Unescape(text)));
}

}  // namespace usage::gateway
