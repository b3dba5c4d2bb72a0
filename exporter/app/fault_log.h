// A fault that lasts is logged once, not at every try; its end too.
#pragma once

#include <string>

namespace usage {

// Of one thread.
class FaultLog {
 public:
  // How a try of `who` went; `error` is "" when it went well. The same error again is not logged,
  // also when only numbers in it differ: a countdown is no news.
  void Note(const std::string& who, const std::string& error);

 private:
  std::string last_;  // without its digits; "": all is well
};

}  // namespace usage
