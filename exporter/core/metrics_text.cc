#include "core/metrics_text.h"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace usage {
namespace {

// Reads one line from its beginning.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  std::string_view Until(std::string_view stops) {
    size_t end = std::min(rest_.find_first_of(stops), rest_.size());
    std::string_view part = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return part;
  }
  bool Take(char c) {
    bool is_next = !rest_.empty() && rest_.front() == c;
    if (is_next) rest_.remove_prefix(1);
    return is_next;
  }
  // A label's value after its opening quote, up to the closing one.
  std::string Quoted() {
    std::string value;
    while (!Take('"')) {
      bool is_escaped = Take('\\');
      if (rest_.empty()) throw std::runtime_error("a label's value does not end");
      char c = rest_.front();
      rest_.remove_prefix(1);
      value += is_escaped && c == 'n' ? '\n' : c;
    }
    return value;
  }

 private:
  std::string_view rest_;
};

void ReadLabels(LineReader& line, std::map<std::string, std::string>& labels) {
  while (!line.Take('}')) {
    std::string name(line.Until("="));
    if (!line.Take('=') || !line.Take('"')) throw std::runtime_error("no label");
    labels[name] = line.Quoted();
    line.Take(',');
  }
}

}  // namespace

std::optional<uint64_t> WholeNumber(const std::string& text) {
  uint64_t whole = 0;
  const char* last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, whole);
  if (error == std::errc() && end == last) return whole;
  double value = 0;
  auto [end_of_double, double_error] = std::from_chars(text.data(), last, value);
  bool is_whole = double_error == std::errc() && end_of_double == last && value >= 0 &&
                  value < 0x1p64 && std::floor(value) == value;
  return is_whole ? std::optional(static_cast<uint64_t>(value)) : std::nullopt;
}

std::optional<Sample> ParseSample(std::string_view text) {
  if (text.empty() || text.front() == '#') return std::nullopt;
  LineReader line(text);
  Sample sample;
  sample.name = line.Until("{ ");
  if (line.Take('{')) ReadLabels(line, sample.labels);
  if (!line.Take(' ')) throw std::runtime_error("no sample");
  sample.value = line.Until(" ");
  return sample;
}

}  // namespace usage
