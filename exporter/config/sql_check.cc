#include "config/sql_check.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace usage {
namespace {

constexpr size_t kLongestIdentifier = 63;  // NAMEDATALEN - 1 (PostgreSQL, 4.1.1)

// Walks over SQL and knows what is inside of quotes.
class SqlScanner {
 public:
  explicit SqlScanner(std::string_view sql) : rest_(sql) {}

  std::string Fault() {
    while (!rest_.empty()) {
      std::string fault = Step();
      if (!fault.empty()) return fault;
    }
    return depth_ > 0 ? "has an opening parenthesis too many" : "";
  }

 private:
  std::string Step() {
    char c = rest_.front();
    if (c == '\'' || c == '"') return SkipQuoted(c);
    if (c == ';') return "has a ';'; take it out: it is part of a larger statement";
    if (rest_.starts_with("--") || rest_.starts_with("/*")) {
      return "has an SQL comment; take it out (YAML's comments begin with '#')";
    }
    if (c == '(') ++depth_;
    if (c == ')' && --depth_ < 0) return "has a closing parenthesis too many";
    rest_.remove_prefix(1);
    return "";
  }

  std::string SkipQuoted(char quote) {
    size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) {
      return std::string("has a ") + quote + " without its counterpart";
    }
    rest_.remove_prefix(end + 1);
    return "";
  }

  std::string_view rest_;
  int depth_ = 0;
};

std::string FirstWord(std::string_view sql) {
  size_t begin = std::min(sql.find_first_not_of(" \t\r\n("), sql.size());
  std::string word;
  for (char c : sql.substr(begin)) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) break;
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

bool IsIdentifier(std::string_view name) {
  auto begins = [](unsigned char c) { return std::islower(c) != 0 || c == '_'; };
  auto goes_on = [&](unsigned char c) { return begins(c) || std::isdigit(c) != 0 || c == '$'; };
  return !name.empty() && name.size() <= kLongestIdentifier &&
         begins(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), goes_on);
}

}  // namespace

std::string SqlExpressionFault(const std::string& sql) {
  if (sql.find_first_not_of(" \t\r\n") == std::string::npos) return "is empty";
  return SqlScanner(sql).Fault();
}

std::string SqlQueryFault(const std::string& sql) {
  std::string word = FirstWord(sql);
  if (word != "SELECT" && word != "WITH" && word != "VALUES" && word != "TABLE") {
    return "must be a query that begins with SELECT (or WITH, VALUES, TABLE)";
  }
  return SqlScanner(sql).Fault();
}

std::string TableNameFault(const std::string& name) {
  size_t dot = name.find('.');
  bool good = dot == std::string::npos
                  ? IsIdentifier(name)
                  : IsIdentifier(name.substr(0, dot)) && IsIdentifier(name.substr(dot + 1));
  return good ? ""
              : "must be table or schema.table in lower-case letters, digits and '_'; for "
                "another name make a view";
}

std::string IdentifierFault(const std::string& name) {
  return IsIdentifier(name) ? ""
                            : "must be a name of at most 63 lower-case letters, digits and '_'";
}

}  // namespace usage
