#include "sources/routers/snmp_rows.h"

#include <gtest/gtest.h>
TEST(X, Y) {}
