#include "sources/routers/rest_reply.h"

#include <deque>
#include <nlohmann/json.hpp>

#include "core/utf8.h"

namespace usage {
namespace {

using nlohmann::json;

// Where the string that begins behind `at` ends: at its closing quote or the text's end.
size_t StringEnd(std::string_view text, size_t at) {
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at, text.size());
}

// The parser takes nothing but UTF-8. One subscriber's name in latin-1 must not cost the table.
std::string RepairedJson(std::string_view text) {
  std::string repaired;
  for (size_t at = 0; at < text.size();) {
    const size_t quote = std::min(text.find('"', at), text.size());
    const size_t end = StringEnd(text, std::min(quote + 1, text.size()));
    repaired += text.substr(at, quote - at);
    repaired += RepairedUtf8(text.substr(quote, end - quote));
    if (end < text.size()) repaired += '"';
    at = end + 1;
  }
  return repaired;
}

bool IsUtf8(std::string_view text) {
  for (size_t at = 0, size = 0; at < text.size(); at += size) {
    size = Utf8CharacterSize(text, at);
    if (size == 0) return false;
  }
  return true;
}

// Told of the parts of a body in their order; rows are objects of depth 1, or 2 inside of an array.
class RowHandler : public json::json_sax_t {
 public:
  explicit RowHandler(const TakeRestRow& take) : take_(take) {}

  bool null() override { return Value(""); }
  bool boolean(bool value) override { return Value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Value(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Value(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return Value(text); }
  bool string(string_t& text) override { return Value(std::move(text)); }
  bool binary(binary_t&) override { return false; }

  // No array is a row.
  bool start_array(size_t) override {
    if (++depth_ == 1) is_table_ = true;
    return depth_ != row_depth();
  }
  bool end_array() override { return Leave(); }
  bool start_object(size_t) override {
    if (++depth_ == row_depth()) texts_.clear();
    return true;
  }
  bool key(string_t& name) override {
    if (depth_ == row_depth()) name_ = std::move(name);
    return true;
  }
  bool end_object() override {
    if (depth_ == row_depth() && !TakeRow()) return false;
    return Leave();
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  size_t rows() const { return rows_; }

 private:
  int row_depth() const { return is_table_ ? 2 : 1; }

  // False where no value may stand: the body is no row and no array of rows.
  bool Value(std::string text) {
    if (depth_ == row_depth()) texts_.emplace_back(std::move(name_), std::move(text));
    return depth_ >= row_depth();
  }

  bool TakeRow() {
    if (++rows_ > kMostRouterRows) return false;
    attributes_.clear();
    for (const auto& [name, value] : texts_) attributes_.push_back({name, value});
    take_(attributes_);
    return true;
  }

  bool Leave() {
    --depth_;
    return true;
  }

  const TakeRestRow& take_;
  bool is_table_ = false;
  int depth_ = 0;
  size_t rows_ = 0;
  std::string name_;
  std::vector<std::pair<std::string, std::string>> texts_;  // of the row
  OsAttributes attributes_;                                 // views of texts_
};

}  // namespace

Expected<size_t> ReadRestRows(std::string_view body, const TakeRestRow& take) {
  RowHandler handler(take);
  const bool is_read = IsUtf8(body) ? json::sax_parse(body, &handler)
                                    : json::sax_parse(RepairedJson(body), &handler);
  if (handler.rows() > kMostRouterRows) {
    return Error{"more than " + std::to_string(kMostRouterRows) + " rows"};
  }
  if (!is_read) return Error{"not the JSON of rows"};
  return handler.rows();
}

std::string RestErrorText(std::string_view body) {
  std::string message, detail;
  const auto read = ReadRestRows(body, [&](const OsAttributes& attributes) {
    for (const auto& [name, value] : attributes) {
      if (name == "message") message = value;
      if (name == "detail") detail = value;
    }
  });
  if (!read || detail.empty()) return message;
  return message.empty() ? detail : message + ": " + detail;
}

}  // namespace usage
