// Any bytes as a REST answer: no rows, or rows that make a reading in which every text is UTF-8.
#include "sources/routers/rest_reply.h"
#include "tests/fuzz/routeros_claims.h"

namespace usage {
namespace {

void CheckTable(OsTable table, std::string_view body) {
  static const RouterConfig router = WholeRouter();
  OsReading reading(router);
  size_t taken = 0;
  const auto rows = ReadRestRows(body, [&](const OsAttributes& attributes) {
    ++taken;
    for (const auto& [name, value] : attributes) {
      RequireText(name);
      RequireText(value);
    }
    reading.Take(table, attributes);
  });
  Require(!rows || *rows == taken, "counted other rows than it gave", body);
  CheckReading(reading.Finish());
}

}  // namespace
}  // namespace usage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (int table = 0; table < 7; ++table) {
    usage::CheckTable(static_cast<usage::OsTable>(table), body);
  }
  usage::RequireText(usage::RestErrorText(body));
  return 0;
}
