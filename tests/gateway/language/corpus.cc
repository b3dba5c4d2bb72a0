#include "tests/gateway/language/corpus.h"

#include <filesystem>
#include <sstream>

#include "tests/support/golden.h"

namespace usage::gateway {
namespace {

std::filesystem::path PathOf(const char* file) {
  return std::filesystem::path(USAGE_SOURCE_DIR) / "tests/gateway/language" / file;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool IsQuery(const std::string& line) {
  return !line.empty() && line[0] != '#' && !line.starts_with("    ");
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), to);
  return text;
}

std::string QueryIn(const std::string& line) {
  return Replaced(Replaced(line, "↵", "\n"), "␍", "\r");
}

std::string Indented(const std::string& answer) {
  std::string out;
  for (const std::string& line : LinesOf(answer)) out += "    " + line + "\n";
  return out;
}

}  // namespace

std::vector<std::string> QueriesOf(const char* file) {
  std::vector<std::string> queries;
  for (const std::string& line : LinesOf(testing::ReadFile(PathOf(file)))) {
    if (IsQuery(line)) queries.push_back(QueryIn(line));
  }
  return queries;
}

void ExpectAnswers(const char* file, const std::function<std::string(const std::string&)>& answer) {
  std::string out;
  for (const std::string& line : LinesOf(testing::ReadFile(PathOf(file)))) {
    if (line.starts_with("    ")) continue;
    out += line + "\n";
    if (IsQuery(line)) out += Indented(answer(QueryIn(line)));
  }
  testing::ExpectGolden(PathOf(file), out);
}

}  // namespace usage::gateway
