// The bodies of RouterOS' REST answers. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/expected.h"
#include "sources/routers/routeros_tables.h"

namespace usage {

using TakeRestRow = std::function<void(const OsAttributes& attributes)>;

// A table is an array of objects, a menu of one row (/system/resource) an object. Every value is a
// string; numbers and booleans are taken as they are written, what is nested is passed over. Texts
// that are not UTF-8 are taken for latin-1, each for itself. Returns how many rows there were. The
// error says what is wrong, without a word of the body; rows may have been taken before.
Expected<size_t> ReadRestRows(std::string_view body, const TakeRestRow& take);

// What an error object says: "no such command or directory (snmp)" of {"error":…,"message":…,
// "detail":…}; "" of anything else.
std::string RestErrorText(std::string_view body);

}  // namespace usage
