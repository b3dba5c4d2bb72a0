#include "core/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

TEST(FileDraft, TakesThePlaceOnlyWhenItIsCommitted) {
  testing::TempFolder folder;
  testing::WriteFile(folder / "file", "old");
  { const FileDraft draft(folder / "file", "new", 0640); }
  EXPECT_EQ(testing::ReadFile(folder / "file"), "old");
  FileDraft(folder / "file", "new", 0640).Commit();
  EXPECT_EQ(testing::ReadFile(folder / "file"), "new");
  EXPECT_FALSE(std::filesystem::exists(folder / "file.new"));
}

TEST(FileDraft, HasItsModeWhateverTheUmaskSays) {
  testing::TempFolder folder;
  const mode_t before = ::umask(0077);
  FileDraft(folder / "file", "new", 0640).Commit();
  ::umask(before);
  struct stat info {};
  ASSERT_EQ(::stat((folder / "file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

// A link there would have root write wherever it leads.
TEST(FileDraft, ReplacesWhatAKilledOneLeftAndFollowsNoLink) {
  testing::TempFolder folder;
  testing::WriteFile(folder / "victim", "whole");
  std::filesystem::create_symlink(folder / "victim", folder / "file.new");
  FileDraft(folder / "file", "new", 0600).Commit();
  EXPECT_EQ(testing::ReadFile(folder / "victim"), "whole");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "file"));
}

TEST(FileDraft, ThatCantBeWrittenThrows) {
  EXPECT_THROW(FileDraft("/nonexistent/file", "", 0600), std::runtime_error);
}

TEST(FileLock, IsOfOneAtATime) {
  testing::TempFolder folder;
  const std::string path = folder / "file";
  {
    const FileLock first(path);
    EXPECT_THROW(FileLock(path, std::chrono::milliseconds(1)), std::runtime_error);
  }
  const FileLock second(path, std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace usage
