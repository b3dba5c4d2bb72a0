// docs/accounting.md names every case, so that nobody meets one in a metric that is not explained.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/observation.h"
#include "ledger/booking.h"

namespace usage {
namespace {

std::string AccountingPage() {
  std::ifstream file(USAGE_SOURCE_DIR "/docs/accounting.md");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void ExpectRow(const std::string& page, std::string_view name) {
  EXPECT_NE(page.find("\n| `" + std::string(name) + "` |"), std::string::npos) << name;
}

TEST(AccountingDocTest, ExplainsEveryCase) {
  std::string page = AccountingPage();
  for (int i = 0; i < static_cast<int>(LedgerCase::kCount); ++i) {
    ExpectRow(page, LedgerCaseName(static_cast<LedgerCase>(i)));
  }
  for (int i = 0; i < static_cast<int>(SourceCase::kCount); ++i) {
    ExpectRow(page, SourceCaseName(static_cast<SourceCase>(i)));
  }
}

}  // namespace
}  // namespace usage
