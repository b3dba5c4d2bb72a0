// The values' side of strict_yaml.h.
#include "core/strict_yaml.h"

#include <strings.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/closest.h"
#include "core/units.h"

namespace usage {
namespace {

using std::chrono::milliseconds;

// Values that a reader may see in a message without harm are short.
std::string Quoted(const std::string& text) {
  constexpr size_t kMost = 60;
  return "'" + (text.size() > kMost ? text.substr(0, kMost) + "…" : text) + "'";
}

// A key can be a misplaced value, hence a secret: only what looks like a name is shown.
bool LooksLikeName(const std::string& key) {
  return !key.empty() && key.size() <= 40 &&
         std::all_of(key.begin(), key.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
         });
}

std::string ShownKey(const std::string& key) {
  return LooksLikeName(key) ? "'" + key + "'" : "(not shown: it does not look like a name)";
}

std::string JoinPath(const std::string& path, const std::string& key) {
  std::string shown = LooksLikeName(key) ? key : "(a key)";
  return path.empty() ? shown : path + "." + shown;
}

// "sources[3].name" → "sources[].name".
std::string WithoutIndexes(const std::string& path) {
  std::string result;
  bool inside = false;
  for (char c : path) {
    if (c == ']') inside = false;
    if (!inside) result += c;
    if (c == '[') inside = true;
  }
  return result;
}

std::string Range(const std::string& least, const std::string& most) {
  return "must be from " + least + " to " + most;
}

// "a, b or c".
std::string List(const std::vector<std::string>& names, const std::string& conjunction) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " " + conjunction + " " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace

YamlValue::YamlValue(YamlFile* file, YAML::Node node, std::string path, YAML::Mark place)
    : file_(file),
      node_(std::move(node)),
      path_(std::move(path)),
      line_(place.is_null() ? 0 : place.line + 1),
      column_(place.is_null() ? 0 : place.column + 1),
      present_(true) {}

YamlValue YamlValue::Absent(YamlFile* file, std::string path, int line, int column) {
  YamlValue value(file, YAML::Node(), std::move(path), YAML::Mark::null_mark());
  value.line_ = line;
  value.column_ = column;
  value.present_ = false;
  return value;
}

YamlFile::Note YamlValue::NoteOf(const std::string& what) const {
  return {line_, column_, path_.empty() ? what : path_ + ": " + what};
}

void YamlValue::Fail(const std::string& what) const { file_->faults_.push_back(NoteOf(what)); }

void YamlValue::Warn(const std::string& what) const { file_->warnings_.push_back(NoteOf(what)); }

const char* YamlValue::TypeName() const {
  if (node_.IsMap()) return "a map";
  if (node_.IsSequence()) return "a list";
  return node_.IsNull() ? "empty" : "a single value";
}

bool YamlValue::IsPlainWord(std::initializer_list<const char*> words) const {
  return node_.Tag() == "?" && std::any_of(words.begin(), words.end(), [&](const char* word) {
           return strcasecmp(node_.Scalar().c_str(), word) == 0;
         });
}

const std::string* YamlValue::Scalar(const char* expected) const {
  if (!present_) return nullptr;
  if (node_.IsScalar()) return &node_.Scalar();
  if (node_.IsNull()) {
    Fail("has no value; give it one or take the key out");
  } else {
    Fail(std::string("must be ") + expected + ", is " + TypeName());
  }
  return nullptr;
}

void YamlValue::Read(std::string* out) const {
  const std::string* text = Scalar("text");
  if (text == nullptr) return;
  if (IsPlainWord({"true", "false", "yes", "no", "on", "off"})) {
    return Fail("must be text, is a truth value; put it in quotes if it is meant");
  }
  if (text->empty()) return Fail("is empty; give it a value or take the key out");
  *out = *text;
}

void YamlValue::ReadSecret(std::string* out) const {
  const std::string* text = Scalar("text");
  if (text == nullptr) return;
  if (text->empty()) return Fail("is empty; give it a value or take the key out");
  *out = *text;
}

void YamlValue::Read(bool* out) const {
  if (Scalar("true or false") == nullptr) return;
  if (IsPlainWord({"true"})) {
    *out = true;
  } else if (IsPlainWord({"false"})) {
    *out = false;
  } else {
    Fail("must be true or false");
  }
}

void YamlValue::Read(int* out, int least, int most) const {
  const std::string* text = Scalar("a whole number");
  if (text == nullptr) return;
  int number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  bool whole = error == std::errc() && end == text->data() + text->size();
  if (!whole && error != std::errc::result_out_of_range) {
    return Fail("must be a whole number, not " + Quoted(*text));
  }
  if (!whole || number < least || number > most) {
    return Fail(Range(std::to_string(least), std::to_string(most)) + ", not " + Quoted(*text));
  }
  *out = number;
}

bool YamlValue::ReadNumberOrOff(std::optional<int>* out, const std::string& unit, int least,
                                int most) const {
  const std::string* text = Scalar("a number or off");
  if (text == nullptr) return false;
  if (*text == "off") {
    *out = std::nullopt;
    return true;
  }
  int number = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  bool whole = error == std::errc() && std::string_view(end) == unit;
  if (!whole) {
    Fail("must be a whole number such as " + std::to_string(least) + unit + ", or off, not " +
         Quoted(*text));
  } else if (number < least || number > most) {
    Fail(Range(std::to_string(least) + unit, std::to_string(most) + unit) + ", or off, not " +
         Quoted(*text));
  } else {
    *out = number;
    return true;
  }
  return false;
}

void YamlValue::ReadDuration(milliseconds* out, milliseconds least, milliseconds most) const {
  const std::string* text = Scalar("a duration such as 5s");
  if (text == nullptr) return;
  std::optional<milliseconds> duration = ParseDuration(*text);
  if (!duration) {
    return Fail("must be a duration such as 500ms, 5s, 1m or 1h30m, not " + Quoted(*text));
  }
  if (*duration < least || *duration > most) {
    return Fail(Range(FormatDuration(least), FormatDuration(most)) + ", not " + Quoted(*text));
  }
  *out = *duration;
}

void YamlValue::ReadBitRate(uint64_t* out, uint64_t least, uint64_t most) const {
  const std::string* text = Scalar("a rate such as 100Gbit/s");
  if (text == nullptr) return;
  std::optional<uint64_t> rate = ParseBitRate(*text);
  if (!rate) {
    return Fail("must be a rate such as 100Gbit/s (bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s), not " +
                Quoted(*text));
  }
  if (*rate < least || *rate > most) {
    return Fail(Range(std::to_string(least) + "bit/s", std::to_string(most) + "bit/s") + ", not " +
                Quoted(*text));
  }
  *out = *rate;
}

void YamlValue::ReadByteSize(uint64_t* out) const {
  const std::string* text = Scalar("a size such as 500GB");
  if (text == nullptr) return;
  std::optional<uint64_t> size = ParseByteSize(*text);
  if (!size) return Fail("must be a size such as 500GB, 2TiB or 1048576, not " + Quoted(*text));
  *out = *size;
}

int YamlValue::FindWord(const std::vector<std::string>& names) const {
  const std::string* text = Scalar(List(names, "or").c_str());
  if (text == nullptr) return -1;
  auto found = std::find(names.begin(), names.end(), *text);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  Fail("must be " + List(names, "or") + ", not " + Quoted(*text));
  return -1;
}

std::vector<YamlValue> YamlValue::Items() const {
  std::vector<YamlValue> items;
  if (!present_) return items;
  if (!node_.IsSequence()) {
    Fail(node_.IsNull() ? "has no value; give it a list or take the key out"
                        : std::string("must be a list, is ") + TypeName());
    return items;
  }
  for (const YAML::Node& item : node_) {
    std::string path = path_ + "[" + std::to_string(items.size()) + "]";
    items.push_back(YamlValue(file_, item, path, item.Mark()));
  }
  return items;
}

void YamlValue::Read(std::vector<std::string>* out) const {
  if (!present_) return;
  std::vector<std::string> texts;
  for (const YamlValue& item : Items()) {
    std::string text;
    item.Read(&text);
    if (!text.empty()) texts.push_back(text);
  }
  if (!texts.empty()) *out = texts;
}

std::vector<std::pair<std::string, YamlValue>> YamlValue::Entries() const {
  std::vector<std::pair<std::string, YamlValue>> entries;
  if (!present_) return entries;
  if (!node_.IsMap()) {
    Fail(node_.IsNull() ? "has no value; give it one or take the key out"
                        : std::string("must be a map of keys and values, is ") + TypeName());
    return entries;
  }
  for (const auto& entry : node_) {
    YAML::Mark place = entry.first.Mark();
    if (!entry.first.IsScalar()) {
      YamlValue(file_, entry.first, path_, place).Fail("a key must be a single word");
      continue;
    }
    const std::string& key = entry.first.Scalar();
    bool doubled = std::any_of(entries.begin(), entries.end(),
                               [&](const auto& other) { return other.first == key; });
    if (key == "<<") {
      YamlValue(file_, entry.second, path_, place)
          .Fail("merging with '<<' is not supported; write the keys out");
      continue;
    }
    if (doubled) {
      YamlValue(file_, entry.second, path_, place)
          .Fail("the key " + ShownKey(key) + " stands twice; take one out");
      continue;
    }
    YAML::Mark value_place = entry.second.Mark();
    bool placed = !value_place.is_null() && !entry.second.IsNull();
    entries.emplace_back(
        key, YamlValue(file_, entry.second, JoinPath(path_, key), placed ? value_place : place));
    entries.back().second.key_line_ = place.line + 1;
    entries.back().second.key_column_ = place.column + 1;
  }
  return entries;
}

YamlMap::YamlMap(const YamlValue& value) : value_(value), entries_(value.Entries()) {}

YamlMap::~YamlMap() {
  for (const auto& [key, value] : entries_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    YamlValue at_key = value_;
    at_key.line_ = value.key_line_;
    at_key.column_ = value.key_column_;
    std::string meant = DidYouMean(key, known_);
    at_key.Fail("unknown key " + ShownKey(key) +
                (meant.empty() ? "; known are " + List(known_, "and") : meant));
  }
}

YamlValue YamlMap::operator[](const std::string& key) {
  known_.push_back(key);
  value_.file_->known_keys_.insert(WithoutIndexes(JoinPath(value_.path_, key)));
  for (const auto& [name, value] : entries_) {
    if (name == key) return value;
  }
  return YamlValue::Absent(value_.file_, JoinPath(value_.path_, key), value_.line_, value_.column_);
}

YamlValue YamlMap::Required(const std::string& key, const std::string& remedy) {
  YamlValue value = (*this)[key];
  if (!value.present() && value_.is_map()) value.Fail("is missing; " + remedy);
  return value;
}

}  // namespace usage
