#include "sources/postgres/radacct_cursor.h"

#include <charconv>
#include <sstream>

namespace usage {
namespace {

constexpr char kWord[] = "radacctid";

std::string Escaped(const std::string& schema) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : schema) {
    if (c != '%' && c != '=' && static_cast<unsigned char>(c) > ' ') {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return escaped;
}

std::string Unescaped(const std::string& escaped) {
  std::string schema;
  for (size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '%' || i + 2 >= escaped.size()) {
      schema += escaped[i];
      continue;
    }
    schema += static_cast<char>(std::stoi(escaped.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return schema;
}

}  // namespace

std::string FormatRadacctNumbers(const RadacctNumbers& numbers) {
  if (numbers.empty()) return "";
  std::string text = kWord;
  for (const auto& [schema, number] : numbers) {
    text += " " + Escaped(schema) + "=" + std::to_string(number);
  }
  return text;
}

std::optional<RadacctNumbers> ParseRadacctNumbers(const std::string& text) {
  std::istringstream words(text);
  std::string word;
  if (!(words >> word) || word != kWord) return std::nullopt;
  RadacctNumbers numbers;
  while (words >> word) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) return std::nullopt;
    int64_t number = 0;
    const char* end = word.data() + word.size();
    if (std::from_chars(word.data() + equals + 1, end, number).ptr != end) return std::nullopt;
    numbers[Unescaped(word.substr(0, equals))] = number;
  }
  return numbers;
}

}  // namespace usage
