#include "gateway/token_stream.h"

#include "gateway/operators.h"

namespace usage::gateway {

TokenKind TokenStream::Ahead() const {
  Lexer ahead = lexer_;
  return ahead.Next().kind;
}

Token TokenStream::Take() {
  Token taken = now_;
  last_end_ = taken.end;
  now_ = lexer_.Next();
  return taken;
}

bool TokenStream::Accept(TokenKind kind) {
  if (now_.kind != kind) return false;
  Take();
  return true;
}

Token TokenStream::Expect(TokenKind kind, std::string_view context, std::string_view expected) {
  if (now_.kind != kind) Unexpected(context, expected);
  return Take();
}

// As Prometheus names a token, so that whoever knows its messages knows ours.
std::string TokenStream::Describe(const Token& token) const {
  std::string text(TextOf(token));
  switch (token.kind) {
    case TokenKind::kEnd:
      return "end of input";
    case TokenKind::kIdentifier:
      return "identifier \"" + text + "\"";
    case TokenKind::kMetricIdentifier:
      return "metric identifier \"" + text + "\"";
    case TokenKind::kNumber:
      return "number \"" + text + "\"";
    case TokenKind::kString:
      return "string " + text;
    default:
      if (FindOperator(token.kind) != nullptr) return "<op:" + text + ">";
      return IsWord(token.kind) ? "<" + text + ">" : "\"" + text + "\"";
  }
}

void TokenStream::Unexpected(std::string_view context, std::string_view expected) const {
  std::string message = "unexpected " + Describe(now_);
  if (!context.empty()) message.append(" in ").append(context);
  if (!expected.empty()) message.append(", expected ").append(expected);
  throw QueryFault{now_.begin, message};
}

void TokenStream::Enter() {
  if (++depth_ <= max_depth_) return;
  --depth_;
  throw QueryFault{now_.begin,
                   "query is nested deeper than " + std::to_string(max_depth_) + " levels", true};
}

}  // namespace usage::gateway
