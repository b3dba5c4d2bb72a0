// Rendered labels of many series.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/label_text.h"

namespace usage {

// Appends the labels of subject S with these values, valid UTF-8, as they stand between a name and
// a number.
template <typename S>
void AppendLabels(const typename S::Labels& values, std::string& out) {
  for (size_t i = 0; i < values.size(); ++i) {
    out += i == 0 ? '{' : ',';
    out += S::kLabels[i];
    out += "=\"";
    AppendEscaped(values[i], out);
    out += '"';
  }
  out += "} ";
}

// Label texts that are made, kept and thrown away together. They lie end to end, as they are read.
class LabelBlock {
 public:
  void Clear() {
    text_.clear();
    ends_ = {0};
  }

  template <typename S>
  void Add(const typename S::Labels& values) {
    AppendLabels<S>(values, text_);
    ends_.push_back(static_cast<uint32_t>(text_.size()));
  }

  // Valid until the next Add or Clear.
  std::string_view operator[](size_t i) const {
    return std::string_view(text_).substr(ends_[i], ends_[i + 1] - ends_[i]);
  }

 private:
  std::string text_;
  std::vector<uint32_t> ends_ = {0};
};

}  // namespace usage
