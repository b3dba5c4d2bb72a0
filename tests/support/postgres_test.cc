#include "tests/support/postgres.h"

#include <gmock/gmock.h>

namespace usage::testing {
namespace {

TEST(TestDatabaseTest, HasTheTablesOfThePanelAndOfFreeradius) {
  TestDatabase database;
  database.ExecFile(PanelSchemaPath());
  database.ExecFile(FreeradiusSchemaPath());
  EXPECT_EQ(ToText(database.Query("SELECT count(*), NULL FROM user_sessions, radacct")), "0 | ∅\n");
}

TEST(TestDatabaseTest, TakesPartInItsOwnDatabaseOnly) {
  TestDatabase one;
  TestDatabase other;
  one.Exec("CREATE TABLE mine (x int)");
  EXPECT_THROW(other.Query("SELECT x FROM mine"), std::runtime_error);
}

TEST(TestDatabaseTest, GoesOnAfterItsConnectionWasEnded) {
  TestDatabase database;
  EXPECT_THROW(database.Query("SELECT pg_terminate_backend(pg_backend_pid())::text || pg_sleep(9)"),
               std::runtime_error);
  EXPECT_EQ(database.Value("SELECT 1"), "1");
}

TEST(ClusterTest, KeepsItsDataOverStopAndKill) {
  Cluster cluster;
  TestDatabase database(cluster);
  database.Exec("CREATE TABLE kept (x int)");
  database.Exec("INSERT INTO kept VALUES (7)");
  cluster.Stop();
  EXPECT_THROW(database.Value("SELECT x FROM kept"), std::runtime_error);
  cluster.Start();
  EXPECT_EQ(database.Value("SELECT x FROM kept"), "7");
  cluster.Kill();
  cluster.Start();
  EXPECT_EQ(database.Value("SELECT x FROM kept"), "7");
}

}  // namespace
}  // namespace usage::testing
