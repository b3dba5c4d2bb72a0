// A change as the bytes of a journal record.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "ledger/change.h"

namespace usage {

// A record that is cut off, of an unknown format or otherwise not ours. A broken invariant: the
// database checks its pages, so this is a fault of a program.
class JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Everything but the cases and the cursor. Numbers are of variable length and times relative to
// the change's own, so that a session that grew takes some 40 bytes.
std::string EncodeChange(const Change& change);
Change DecodeChange(std::string_view record);

}  // namespace usage
