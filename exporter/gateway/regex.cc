#include "gateway/regex.h"

#include <re2/re2.h>

#include "gateway/lexer.h"

namespace usage::gateway {
namespace {

// Far more than a list of all subscribers needs; RE2's default of 8 MiB refuses long lists that
// Prometheus takes.
constexpr int64_t kMostMemory = 64 << 20;

constexpr int kDeepestGroup = 8;  // of the plain ones
constexpr int kDeepestOfGo = 1000;

// Reads the plain subset: alternatives := sequence ('|' sequence)*.
class PlainRegex {
 public:
  explicit PlainRegex(std::string_view text) : rest_(text) {}

  std::optional<bool> MatchesEmpty() {
    bool empty = Alternatives(0);
    if (!plain_ || !rest_.empty()) return std::nullopt;
    return empty;
  }

 private:
  bool Alternatives(int depth) {
    bool empty = Sequence(depth);
    while (plain_ && Accept('|')) empty |= Sequence(depth);
    return empty;
  }

  bool Sequence(int depth) {
    bool empty = true;
    while (plain_ && !rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
      bool atom = Atom(depth);
      empty &= Repeated(atom);
    }
    return empty;
  }

  // Whether it matches "".
  bool Atom(int depth) {
    if (Accept('(')) return Group(depth + 1);
    if (Accept('\\')) {
      plain_ = !rest_.empty() && IsEscapable(rest_[0]);
    } else {
      plain_ = rest_[0] == '.' || IsLiteral(rest_[0]);
    }
    if (plain_) rest_.remove_prefix(1);
    return false;
  }

  bool Group(int depth) {
    if (depth > kDeepestGroup || rest_.starts_with('?')) {
      plain_ = false;
      return false;
    }
    bool empty = Alternatives(depth);
    if (plain_) plain_ = Accept(')');
    return empty;
  }

  // At most one of * + ?: the next one would be no atom, and RE2's to judge.
  bool Repeated(bool atom) {
    if (Accept('*') || Accept('?')) return true;
    Accept('+');
    return atom;
  }

  bool Accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  static bool IsLiteral(char c) {
    return IsWordCharacter(c) ||
           std::string_view(" -/:,;=@!%&~\"'<>#").find(c) != std::string_view::npos;
  }
  static bool IsEscapable(char c) {
    return std::string_view(".-+*?()[]{}|^$\\/").find(c) != std::string_view::npos;
  }

  std::string_view rest_;
  bool plain_ = true;
};

// Go's dialect in the words of this RE2: Go has (?<name>…) for (?P<name>…), and no \C, which is a
// single byte. Go's limit of nesting is checked here: RE2 has none but its memory.
Expected<std::string> FromGo(std::string_view regex) {
  std::string out;
  bool in_class = false;
  int depth = 0;
  for (size_t i = 0; i < regex.size(); ++i) {
    out += regex[i];
    if (regex[i] == '\\' && i + 1 < regex.size()) {
      if (regex[++i] == 'C') return Error{"invalid escape sequence: \\C"};
      out += regex[i];
      continue;
    }
    if (regex[i] == '[' || regex[i] == ']') in_class = regex[i] == '[';
    if (in_class) continue;
    if (regex[i] == ')') --depth;
    if (regex[i] == '(' && ++depth > kDeepestOfGo) return Error{"expression nests too deeply"};
    if (regex.substr(i).starts_with("(?<")) {
      out += "?P";
      ++i;
    }
  }
  return out;
}

Expected<bool> AskRe2(std::string_view regex) {
  Expected<std::string> pattern = FromGo(regex);
  if (!pattern) return Error{pattern.error()};
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);
  options.set_max_mem(kMostMemory);
  RE2 compiled(*pattern, options);
  if (!compiled.ok()) return Error{compiled.error()};
  return RE2::FullMatch("", compiled);
}

}  // namespace

std::optional<bool> PlainRegexMatchesEmpty(std::string_view regex) {
  return PlainRegex(regex).MatchesEmpty();
}

Expected<bool> RegexMatchesEmpty(std::string_view regex) {
  if (std::optional<bool> plain = PlainRegexMatchesEmpty(regex)) return *plain;
  Expected<bool> matches = AskRe2(regex);
  if (matches) return *matches;
  return Error{"error parsing regexp: " + matches.error()};
}

}  // namespace usage::gateway
