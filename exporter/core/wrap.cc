#include "core/wrap.h"

namespace usage {
namespace {

// Characters, not bytes: those that continue one in UTF-8 do not count.
size_t WidthOf(std::string_view text) {
  size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return width;
}

class Wrapper {
 public:
  Wrapper(size_t indent, size_t column, size_t width)
      : indent_(indent), column_(column), width_(width) {}

  void AddLine(std::string_view line) {
    while (!line.empty()) {
      const size_t end = std::min(line.find(' '), line.size());
      AddWord(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }
  void Break() {
    text_ += "\n" + std::string(indent_, ' ');
    column_ = indent_;
    begins_ = true;
  }
  std::string Take() { return std::move(text_); }

 private:
  void AddWord(std::string_view word) {
    if (word.empty()) return;
    const size_t size = WidthOf(word);
    if (!begins_ && column_ + 1 + size > width_) Break();
    if (!begins_) text_ += " ";
    text_ += word;
    column_ += size + (begins_ ? 0 : 1);
    begins_ = false;
  }

  const size_t indent_;
  size_t column_;
  const size_t width_;
  bool begins_ = true;  // nothing of the text stands in this line yet
  std::string text_;
};

}  // namespace

std::string Wrapped(std::string_view text, size_t indent, size_t column, size_t width) {
  Wrapper wrapper(indent, column, width);
  while (true) {
    const size_t end = std::min(text.find('\n'), text.size());
    wrapper.AddLine(text.substr(0, end));
    if (end == text.size()) return wrapper.Take();
    wrapper.Break();
    text.remove_prefix(end + 1);
  }
}

}  // namespace usage
