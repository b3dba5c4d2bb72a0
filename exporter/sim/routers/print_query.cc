#include "sim/routers/print_query.h"

#include <algorithm>
#include <charconv>

namespace usage::sim {
namespace {

const std::string* Find(const PrintedRow& row, const std::string& name) {
  auto found = std::find_if(row.begin(), row.end(), [&](const auto& c) { return c.first == name; });
  return found == row.end() ? nullptr : &found->second;
}

// As numbers where both are.
bool IsLess(const std::string& a, const std::string& b) {
  auto number = [](const std::string& text, int64_t& value) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
  };
  int64_t left = 0, right = 0;
  return number(a, left) && number(b, right) ? left < right : a < b;
}

bool Pop(std::vector<bool>& stack) {
  if (stack.empty()) return false;
  bool top = stack.back();
  stack.pop_back();
  return top;
}

}  // namespace

Expected<PrintQuery::Step> PrintQuery::ParseStep(std::string_view word) {
  if (word.empty()) return Error{"empty query"};
  if (word[0] == '#') {
    auto odd = word.find_first_not_of("!&|", 1);
    if (odd != word.npos) return Error{"unknown operation in query: " + std::string(word)};
    return Step{'#', "", std::string(word.substr(1))};
  }
  if (word[0] == '-') return Step{'-', std::string(word.substr(1)), ""};
  char kind = word[0] == '<' || word[0] == '>' ? word[0] : '=';
  if (kind != '=' || word[0] == '=') word.remove_prefix(1);
  size_t equals = word.find('=');
  if (equals == word.npos) return Step{'+', std::string(word), ""};
  return Step{kind, std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
}

Expected<PrintQuery> PrintQuery::Parse(const std::vector<std::string>& words) {
  PrintQuery query;
  for (const std::string& word : words) {
    auto step = ParseStep(word);
    if (!step) return Error{step.error()};
    query.steps_.push_back(std::move(*step));
  }
  return query;
}

void PrintQuery::SetProplist(std::string_view names) {
  names_.clear();
  while (!names.empty()) {
    size_t comma = std::min(names.find(','), names.size());
    names_.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
}

bool PrintQuery::Test(const Step& step, const PrintedRow& row) {
  const std::string* value = Find(row, step.name);
  if (step.kind == '-') return value == nullptr;
  if (value == nullptr) return false;
  switch (step.kind) {
    case '<':
      return IsLess(*value, step.value);
    case '>':
      return IsLess(step.value, *value);
    case '+':
      return true;
    default:
      return *value == step.value;
  }
}

void PrintQuery::Operate(const std::string& operations, std::vector<bool>& stack) {
  for (char operation : operations) {
    bool top = Pop(stack);
    if (operation == '!') {
      stack.push_back(!top);
      continue;
    }
    bool below = Pop(stack);
    stack.push_back(operation == '&' ? top && below : top || below);
  }
}

bool PrintQuery::Takes(const PrintedRow& row) const {
  std::vector<bool> stack;
  for (const Step& step : steps_) {
    step.kind == '#' ? Operate(step.value, stack) : stack.push_back(Test(step, row));
  }
  return std::find(stack.begin(), stack.end(), false) == stack.end();
}

PrintedRow PrintQuery::Columns(const PrintedRow& row) const {
  if (names_.empty()) return row;
  PrintedRow columns;
  for (const auto& column : row) {
    bool is_asked = std::find(names_.begin(), names_.end(), column.first) != names_.end();
    if (is_asked) columns.push_back(column);
  }
  return columns;
}

}  // namespace usage::sim
