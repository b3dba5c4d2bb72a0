// Appends JSON (RFC 8259) to a string, without a tree in between: the state of 1,000 tenants is
// written every cycle.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usage {

// Commas come by themselves; that brackets match and that an object's values have keys is the
// caller's part. Not thread-safe.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}  // not owned; appended to

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view name);  // plain ASCII without quotes or backslashes

  // Any bytes: what is not UTF-8 becomes U+FFFD (ValidText).
  JsonWriter& String(std::string_view bytes);
  JsonWriter& Integer(int64_t value);
  JsonWriter& Integer(uint64_t value);
  // A decimal string: a number beyond 2^53 would lose its last digits in a browser.
  JsonWriter& Exact(uint64_t value);
  JsonWriter& Number(double value);  // null when it is not finite
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }
  JsonWriter& Null() { return Raw("null"); }
  JsonWriter& Raw(std::string_view json);  // a whole value, written before

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Comma();

  std::string* out_;
  bool comma_ = false;  // the next value of this object or array needs one before it
};

}  // namespace usage
