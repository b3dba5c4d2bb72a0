#include "ledger/panel_total.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace usage {
namespace {

using std::chrono::seconds;

constexpr uint64_t kLine = 8'000'000;  // a million bytes a second
const Instant kStart = FromUnixMicros(1'800'000'000'000'000);

// Lines of panel_total_cases.txt: "a claim" begins a new row of the panel; the others are looks at
// it, as the page says at its top.
struct Look {
  int at = 0;
  std::string router, session, began, started;
  Volume shows, counted, expected;
};

std::optional<Instant> TimeOf(const std::string& text) {
  if (text == "-") return std::nullopt;
  return kStart + seconds(std::stoi(text));
}

std::istream& operator>>(std::istream& in, Volume& volume) {
  char slash = 0;
  return in >> volume.upload >> slash >> volume.download;
}

std::istream& operator>>(std::istream& in, Look& look) {
  return in >> look.at >> look.started >> look.shows >> look.router >> look.session >> look.began >>
         look.counted >> look.expected;
}

RouterCount CountOf(const Look& look) {
  RouterCount count;
  count.router = look.router.substr(0, 1);
  count.table = look.router.ends_with("q") ? RouterTable::kQueue : RouterTable::kHotspotActive;
  if (look.session != "-") count.session_id = look.session;
  count.began = TimeOf(look.began);
  count.at = kStart + seconds(look.at);
  count.counted = look.counted;
  return count;
}

TEST(PanelTotal, IsRightInEveryCaseOfTheTable) {
  std::ifstream cases(USAGE_SOURCE_DIR "/tests/ledger/panel_total_cases.txt");
  std::string claim;
  PanelTotal total(kLine);
  int claims = 0;
  for (std::string line; std::getline(cases, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != ' ') {
      claim = line;
      total = PanelTotal(kLine);
      ++claims;
      continue;
    }
    Look look;
    std::istringstream in(line);
    ASSERT_TRUE(in >> look) << line;
    const Volume shown = total.Take({look.shows, TimeOf(look.started)}, CountOf(look));
    EXPECT_EQ(shown, look.expected) << claim << "\n"
                                    << line << "\ngave " << shown.upload << "/" << shown.download;
  }
  EXPECT_GT(claims, 10);
}

}  // namespace
}  // namespace usage
