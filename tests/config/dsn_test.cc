#include "config/dsn.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

struct Row {
  const char* dsn;
  const char* display;
  const char* password;
};

class ReadableDsn : public ::testing::TestWithParam<Row> {};

TEST_P(ReadableDsn, IsShownWithoutItsPassword) {
  auto facts = ExamineDsn(GetParam().dsn);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->display, GetParam().display);
  EXPECT_EQ(facts->password, GetParam().password);
}

INSTANTIATE_TEST_SUITE_P(
    BothForms, ReadableDsn,
    ::testing::Values(
        Row{"host=db.example port=5433 dbname=billing user=reader password=hunter2",
            "db.example:5433/billing as reader", "hunter2"},
        Row{"host=db.example dbname=billing user=reader", "db.example:5432/billing as reader", ""},
        Row{"host=db.example dbname=b user='the reader' password='a \\'b\\' c'",
            "db.example:5432/b as the reader", "a 'b' c"},
        Row{"postgresql://reader:hunter2@db.example:5433/billing",
            "db.example:5433/billing as reader", "hunter2"},
        Row{"postgres://reader:p%40ss%3Aw%2Frd@db.example/billing",
            "db.example:5432/billing as reader", "p@ss:w/rd"},
        Row{"postgresql://db.example/billing?user=reader&password=hunter2",
            "db.example:5432/billing as reader", "hunter2"},
        Row{"postgresql://reader@[2001:db8::1]:5433/billing",
            "[2001:db8::1]:5433/billing as reader", ""},
        Row{"postgresql://reader@/billing?host=/run/postgresql",
            "/run/postgresql:5432/billing as reader", ""},
        Row{"host=a,b port=1,2 dbname=billing user=reader", "a:1,b:2/billing as reader", ""},
        Row{"hostaddr=127.0.0.1 dbname=billing user=reader", "127.0.0.1:5432/billing as reader",
            ""}));

TEST(Dsn, ThatLibpqCantReadHasNoFacts) {
  for (const char* dsn : {"127.0.0.1", "hots=127.0.0.1", "host='a", "postgresql://u:%zz@h/d"}) {
    EXPECT_FALSE(ExamineDsn(dsn)) << dsn;
  }
}

}  // namespace
}  // namespace usage
