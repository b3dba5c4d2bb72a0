#include "sim/truth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace usage::sim {
namespace {

using ::testing::HasSubstr;
using usage::testing::TempFolder;

Truth Sample() {
  Truth truth;
  truth.at = Second(seconds(1'795'392'000));
  truth.settled = true;
  truth.runs = 2;
  truth.seed = 7;
  truth.tenants["t1"] = {"Tab\there, 100 %\nand \"quotes\"", "Asia/Kathmandu", 31};
  truth.tenants["t2"] = {"Zürich", "UTC", 1};
  truth.Book({"t1", Access::kHotspot, "K7WQ 2MPD"}, {{Day{20000}, {1, 2}}, {Day{20001}, {3, 4}}});
  truth.Book({"t1", Access::kPppoe, "a@t1"}, {{Day{20000}, {~uint64_t{0}, 0}}});
  return truth;
}

std::string MessageOf(const std::string& text) {
  try {
    ParseTruth(text, "x.truth");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TruthFile, IsReadAsItWasWritten) {
  EXPECT_EQ(ParseTruth(ToText(Sample()), "x"), Sample());
  EXPECT_EQ(ParseTruth(ToText(Truth()), "x"), Truth());
}

TEST(TruthFile, HasOneLinePerTenantAndSubscriber) {
  EXPECT_EQ(ToText(Sample()),
            "usage_sim truth 1\n"
            "at\t1795392000\n"
            "settled\tyes\n"
            "runs\t2\n"
            "seed\t7\n"
            "tenant\tt1\tAsia/Kathmandu\t31\tTab%09here, 100 %25%0Aand \"quotes\"\n"
            "tenant\tt2\tUTC\t1\tZürich\n"
            "bytes\tt1\thotspot\tK7WQ 2MPD\t2024-10-04:1:2\t2024-10-05:3:4\n"
            "bytes\tt1\tpppoe\ta@t1\t2024-10-04:18446744073709551615:0\n"
            "end\t9\n");
}

TEST(TruthFile, HalfAFileIsNotTakenForAWholeOne) {
  std::string text = ToText(Sample());
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_NE(MessageOf(text.substr(0, size)), "accepted") << size;
  }
  size_t line = text.find("bytes");
  std::string without = text.substr(0, line) + text.substr(text.find('\n', line) + 1);
  EXPECT_EQ(MessageOf(without), "x.truth:9: lines are missing");
}

TEST(TruthFile, FaultsAreNamedWithTheirLine) {
  const std::string title = "usage_sim truth 1\n";
  EXPECT_EQ(MessageOf("usage_sim truth 9\n"), "x.truth:1: not a truth file of this version");
  EXPECT_EQ(MessageOf(title + "at\tx\n"), "x.truth:2: not a number: x");
  EXPECT_EQ(MessageOf(title + "bytes\tt\tisdn\ts\n"), "x.truth:2: neither hotspot nor pppoe: isdn");
  EXPECT_EQ(MessageOf(title + "bytes\tt\tpppoe\ts\t2024-10-04:1\n"),
            "x.truth:2: not day:upload:download");
  EXPECT_EQ(MessageOf(title + "bytes\tt\tpppoe\ts\t2024-10:1:2\n"),
            "x.truth:2: not a day: 2024-10");
  EXPECT_EQ(MessageOf(title + "colour\tred\n"), "x.truth:2: a line of unknown kind");
  EXPECT_EQ(MessageOf(title + "end\t1\nmore\n"), "x.truth:3: text after the end");
}

TEST(TruthFile, IsReplacedInOneStep) {
  TempFolder folder;
  WriteTruth(Truth(), folder / "a");
  std::ifstream old_reader(folder / "a");
  WriteTruth(Sample(), folder / "a");
  std::string old_text{std::istreambuf_iterator<char>(old_reader), {}};
  EXPECT_EQ(ParseTruth(old_text, "old"), Truth());
  EXPECT_EQ(ReadTruth(folder / "a"), Sample());
  EXPECT_FALSE(std::filesystem::exists(folder / "a.new"));
}

TEST(TruthFile, AFolderThatIsNotThereIsNamed) {
  try {
    WriteTruth(Truth(), "/nonexistent/truth");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent/truth.new: can't create it: No such file"));
  }
}

class Keeper : public ::testing::Test {
 protected:
  static PopulationOptions Options() {
    PopulationOptions options;
    options.tenants = 2;
    options.subscribers = 10;
    options.sessions = 4;
    return options;
  }
  TruthKey KeyOf(int subscriber) const {
    const Subscriber& s = population_.subscribers()[static_cast<size_t>(subscriber)];
    return {population_.tenant_of(s).id, s.access, population_.AccountName(s)};
  }
  Population population_{Options()};
};

TEST_F(Keeper, BooksOnDaysInWhateverOrderTheyCome) {
  TruthKeeper keeper(population_, Truth());
  keeper.Book(3, {{Day{10}, {1, 1}}, {Day{11}, {2, 2}}});
  keeper.Book(3, {{Day{9}, {4, 4}}});
  keeper.Book(3, {{Day{10}, {8, 8}}, {Day{11}, {16, 16}}});
  DayVolumes expected = {{Day{9}, {4, 4}}, {Day{10}, {9, 9}}, {Day{11}, {18, 18}}};
  EXPECT_EQ(keeper.Take({}, true).bytes.at(KeyOf(3)), expected);
  EXPECT_EQ(keeper.bytes(), 62U);
}

TEST_F(Keeper, GoesOnFromAnEarlierRunAndKeepsWhoIsGone) {
  Truth before;
  before.runs = 1;
  before.tenants["gone"] = {"Gone", "UTC", 1};
  before.Book({"gone", Access::kPppoe, "x"}, {{Day{1}, {5, 5}}});
  before.Book(KeyOf(0), {{Day{10}, {1, 1}}});
  TruthKeeper keeper(population_, before);
  keeper.Book(0, {{Day{10}, {2, 2}}});
  Truth after = keeper.Take({}, true);
  EXPECT_EQ(after.runs, 2);
  EXPECT_EQ(after.tenants.size(), 3U);
  EXPECT_EQ(after.bytes.at(KeyOf(0)).at(Day{10}), (Volume{3, 3}));
  EXPECT_EQ((after.bytes.at({"gone", Access::kPppoe, "x"}).at(Day{1})), (Volume{5, 5}));
}

}  // namespace
}  // namespace usage::sim
