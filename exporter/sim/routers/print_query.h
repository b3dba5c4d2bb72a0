// The query of a print: which rows, and which of their columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/expected.h"
#include "sim/routers/router_tables.h"

namespace usage::sim {

class PrintQuery {
 public:
  // Of the words behind "?": "type=pppoe-in" ("=type=pppoe-in" too), "name", "-name", "<mtu=1500",
  // ">mtu=1500", "#|", "#&!". They work on a stack; a row is printed when all that is left on it at
  // the end is true.
  static Expected<PrintQuery> Parse(const std::vector<std::string>& words);
  // Of the value of .proplist, divided by commas; "": all.
  void SetProplist(std::string_view names);

  bool Takes(const PrintedRow& row) const;
  // Without the columns that are not asked for; .id is one like the others.
  PrintedRow Columns(const PrintedRow& row) const;

 private:
  struct Step {
    char kind = '=';  // '=', '<', '>', '+' (has it), '-' (has not), '#'
    std::string name, value;
  };
  static Expected<Step> ParseStep(std::string_view word);
  static bool Test(const Step& step, const PrintedRow& row);
  static void Operate(const std::string& operations, std::vector<bool>& stack);

  std::vector<Step> steps_;
  std::vector<std::string> names_;
};

}  // namespace usage::sim
