#include "app/reading_shelf.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

class Listener : public RouterSink {
 public:
  void SetRouters(const std::vector<RouterId>& routers) override {
    heard += std::to_string(routers.size()) + " routers\n";
  }
  void TakeReading(const std::string& router, const std::string& tenant,
                   const RouterReading& reading) override {
    if (reading.rows.size() == 9) throw std::runtime_error("not this one");
    heard += router + " of " + tenant + ": " + std::to_string(reading.rows.size()) + "\n";
  }
  std::string heard;
};

RouterReading ReadingOf(size_t rows) {
  RouterReading reading;
  reading.rows.resize(rows);
  reading.interfaces.resize(1);
  return reading;
}

std::string Kept(ReadingShelf& shelf) {
  std::string text;
  for (const LatestReading& latest : shelf.Take()) {
    text += latest.router + " of " + latest.tenant + ": " +
            std::to_string(latest.reading->rows.size()) + "\n";
    EXPECT_TRUE(latest.reading->interfaces.empty());
  }
  return text;
}

TEST(ReadingShelf, KeepsTheLastReadingOfEachRouterThatIsThere) {
  Listener next;
  ReadingShelf shelf(next);
  shelf.SetRouters({{"a", "t"}, {"b", ""}});
  shelf.TakeReading("a", "t", ReadingOf(1));
  shelf.TakeReading("b", "", ReadingOf(2));
  shelf.TakeReading("a", "t", ReadingOf(3));
  EXPECT_EQ(next.heard, "2 routers\na of t: 1\nb of : 2\na of t: 3\n");
  EXPECT_EQ(Kept(shelf), "a of t: 3\nb of : 2\n");
  shelf.SetRouters({{"a", "another"}, {"b", ""}});
  EXPECT_EQ(Kept(shelf), "b of : 2\n");
}

TEST(ReadingShelf, WhatTheNextRefusesIsNotKept) {
  Listener next;
  ReadingShelf shelf(next);
  EXPECT_THROW(shelf.TakeReading("a", "t", ReadingOf(9)), std::runtime_error);
  EXPECT_EQ(Kept(shelf), "");
}

}  // namespace
}  // namespace usage
