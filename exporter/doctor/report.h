// An examination as people and programs read it.
#pragma once

#include <string>
#include <string_view>

#include "doctor/examination.h"

namespace usage::doctor {

// Colours of a terminal, or none.
class Paint {
 public:
  explicit Paint(bool has_colours) : has_colours_(has_colours) {}

  std::string Good(const std::string& text) const { return In("32", text); }
  std::string Warning(const std::string& text) const { return In("33", text); }
  std::string Broken(const std::string& text) const { return In("1;31", text); }
  std::string Faint(const std::string& text) const { return In("2", text); }
  std::string Bold(const std::string& text) const { return In("1", text); }

 private:
  std::string In(const char* code, const std::string& text) const {
    return has_colours_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }

  const bool has_colours_;
};

// In groups, each finding with its remedy, 80 columns wide except for commands, which are to be
// copied; a sum at the end.
std::string ReportText(const Examination& examination, const Paint& paint);

// docs/tools.md describes it.
std::string ReportJson(const Examination& examination);

// The checks, what each looks at and how often it matters.
std::string ListText();

const char* OftenWord(Often often);

}  // namespace usage::doctor
