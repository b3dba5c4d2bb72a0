// Disks by injected numbers: those of the machine are what they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/checks.h"
#include "doctor/report.h"
#include "tests/support/postgres.h"

namespace usage::doctor {
namespace {

using ::testing::HasSubstr;

std::string ReportOf(const std::string& dsn, DiskSpace space) {
  Config config;
  config.storage.database.dsn = dsn;
  config.doctor.disks = {"/data"};
  const House house("usage_exporter.yaml", config, Instant(), [&](const std::string& folder) {
    EXPECT_EQ(folder, "/data");
    return space;
  });
  Notes notes;
  CheckDisks(house, notes);
  Examination examination;
  examination.results.push_back({&Checks().front(), notes.all()});
  return std::to_string(examination.ExitStatus()) + "\n" + ReportText(examination, Paint(false));
}

TEST(Disks, ATwentiethFreeIsBrokenATenthAWarning) {
  const testing::TestDatabase database;
  EXPECT_THAT(ReportOf(database.dsn(), {1e12, 0.049e12}),
              HasSubstr("2\nConfiguration\n  BROKEN    /data: 49.0 GB of 1.00 TB free (5 %)\n"));
  EXPECT_THAT(ReportOf(database.dsn(), {1e12, 0.099e12}),
              HasSubstr("1\nConfiguration\n  warning   /data: 99.0 GB of 1.00 TB free (10 %)\n"));
  EXPECT_THAT(ReportOf(database.dsn(), {1e12, 0.101e12}),
              HasSubstr("0\nConfiguration\n  ok        /data: 101 GB of 1.00 TB free (10 %)\n"));
}

TEST(Disks, TheLedgersDatabaseMustFitOnceMore) {
  const testing::TestDatabase database;
  EXPECT_THAT(ReportOf(database.dsn(), {2e6, 1e6}), HasSubstr("more than 1.00 MB that is free"));
  EXPECT_THAT(ReportOf(database.dsn(), {2e12, 1e12}), HasSubstr("which fits once more"));
}

}  // namespace
}  // namespace usage::doctor
