// The tokens of a query, one at a time, for the parsers of its parts. Whatever is wrong is thrown
// as QueryFault: a parser of nested rules would have to carry an Expected through every one of
// them. ParseQuery catches it; it does not leave the language.
#pragma once

#include <string>
#include <string_view>

#include "gateway/enforce.h"
#include "gateway/lexer.h"

namespace usage::gateway {

class TokenStream {
 public:
  TokenStream(std::string_view text, int max_depth)
      : text_(text), lexer_(text), now_(lexer_.Next()), max_depth_(max_depth) {}

  const Token& Now() const { return now_; }
  bool Is(TokenKind kind) const { return now_.kind == kind; }
  std::string_view TextOf(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  // Of the token behind this one.
  TokenKind Ahead() const;
  // Where the last token that was taken ends.
  uint32_t LastEnd() const { return last_end_; }

  Token Take();
  bool Accept(TokenKind kind);
  // `context` and `expected` are for the message; either may be empty.
  Token Expect(TokenKind kind, std::string_view context, std::string_view expected);

  // Says that the token is not what may stand here.
  [[noreturn]] void Unexpected(std::string_view context, std::string_view expected) const;

  // One level of nesting, for as long as it lives.
  class Level {
   public:
    explicit Level(TokenStream* stream) : stream_(stream) { stream_->Enter(); }
    ~Level() { --stream_->depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    TokenStream* stream_;
  };

 private:
  void Enter();
  std::string Describe(const Token& token) const;

  std::string_view text_;
  Lexer lexer_;
  Token now_;
  uint32_t last_end_ = 0;
  int max_depth_;
  int depth_ = 0;
};

}  // namespace usage::gateway
