#include "storage/arrays.h"

namespace usage {

void ArrayLiteral::Append(std::string_view item) {
  if (!empty()) text_ += ',';
  text_ += item;
}

void ArrayLiteral::Add(std::optional<Instant> v) {
  if (v) {
    Add(*v);
  } else {
    Append("NULL");
  }
}

void ArrayLiteral::AddText(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  Append(quoted + '"');
}

}  // namespace usage
