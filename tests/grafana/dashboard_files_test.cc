#include "grafana/dashboard_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace usage::grafana {
namespace {

class DashboardFiles : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
  }

  // The error without the folder.
  std::string Error() {
    auto files = ReadDashboards(folder_.path());
    if (files) return "none";
    std::string text = files.error();
    const std::string folder = folder_.path().string() + "/";
    if (text.starts_with(folder)) text.erase(0, folder.size());
    return text;
  }

  usage::testing::TempFolder folder_;
};

TEST_F(DashboardFiles, ComeInTheOrderOfTheirNamesAndUntouched) {
  Write("b.json", R"({"uid": "second", "title": "B", "x": 1.0})");
  Write("a.json", R"({"uid": "first", "title": "A"})");
  Write("notes.txt", "no dashboard");
  auto files = ReadDashboards(folder_.path());
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].uid, "first");
  EXPECT_EQ((*files)[1].json, R"({"uid": "second", "title": "B", "x": 1.0})");
}

TEST_F(DashboardFiles, NameWhatTheyLack) {
  Write("a.json", R"({"title": "A"})");
  EXPECT_EQ(Error(), R"(a.json: needs a "uid" of at most 40 of A-Z a-z 0-9 - _)");
  Write("a.json", R"({"uid": "a b", "title": "A"})");
  EXPECT_EQ(Error(), R"(a.json: needs a "uid" of at most 40 of A-Z a-z 0-9 - _)");
  Write("a.json", R"({"uid": "a"})");
  EXPECT_EQ(Error(), R"(a.json: needs a "title")");
  Write("a.json", R"({"uid": "a", "title": "A", "id": 7})");
  EXPECT_EQ(Error(), R"(a.json: must not have "id": it is Grafana's)");
  Write("a.json", "[]");
  EXPECT_EQ(Error(), "a.json: is not a JSON object");
  Write("a.json", R"({"uid": )");
  EXPECT_TRUE(Error().starts_with("a.json: ")) << Error();
}

TEST_F(DashboardFiles, AreNotTwoOfOneUid) {
  Write("a.json", R"({"uid": "same", "title": "A"})");
  Write("b.json", R"({"uid": "same", "title": "B"})");
  EXPECT_EQ(Error(), "b.json: the uid 'same' is another file's too");
}

TEST_F(DashboardFiles, AreInAFolderThatHasSome) {
  EXPECT_EQ(ReadDashboards(folder_.path()).error(),
            folder_.path().string() + ": has no dashboard (*.json)");
  EXPECT_EQ(ReadDashboards("/nowhere/at/all").error(),
            "/nowhere/at/all: No such file or directory");
}

}  // namespace
}  // namespace usage::grafana
