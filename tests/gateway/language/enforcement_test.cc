// The table of what is enforced, and every way around it that is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "gateway/enforce.h"
#include "tests/gateway/language/corpus.h"

namespace usage::gateway {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

const TenantMatcher kAcme{"tenant_id", "acme"};

std::string Enforced(std::string_view query) {
  Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kAcme);
  return enforced ? enforced->text : "refused: " + enforced.error();
}

std::string Fault(std::string_view query, const LanguageLimits& limits = {}) {
  Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kAcme, limits);
  return enforced ? "accepted: " + enforced->text : enforced.error();
}

TEST(Enforcement, IsAsTheTableSays) { ExpectAnswers("enforced.txt", Enforced); }

TEST(Enforcement, GivesCanonicalText) {
  for (const std::string& query : QueriesOf("enforced.txt")) {
    std::string once = Enforced(query);
    EXPECT_EQ(EnforceQuery(once, nullptr)->text, once);
  }
}

TEST(Enforcement, TakesAnyLabel) {
  TenantMatcher namespace_is{"namespace", "a\"b\\c"};
  EXPECT_EQ(EnforceQuery("m", &namespace_is)->text, R"(m{namespace="a\"b\\c"})");
  TenantMatcher dotted{"service.namespace", "x"};
  EXPECT_EQ(EnforceQuery("m", &dotted)->text, R"(m{"service.namespace"="x"})");
  EXPECT_EQ(SelectorOf(dotted), R"({"service.namespace"="x"})");
}

TEST(Enforcement, ForAnOperatorPrintsAndRefusesOnly) {
  EXPECT_EQ(EnforceQuery("sum(m)by(x)", nullptr)->text, "sum by (x) (m)");
  EXPECT_EQ(EnforceQuery("info(m)", nullptr)->text, "info(m)");
  EXPECT_FALSE(EnforceQuery("sum(m", nullptr));
}

TEST(Enforcement, OfASelectorTakesNothingElse) {
  EXPECT_EQ(*EnforceSelector(R"({__name__=~".+",x="y"})", &kAcme),
            R"({__name__=~".+",x="y",tenant_id="acme"})");
  EXPECT_EQ(*EnforceSelector(" up # all\n", &kAcme), R"(up{tenant_id="acme"})");
  EXPECT_EQ(*EnforceSelector("up", nullptr), "up");
  for (const char* other : {"", " ", "up[5m]", "up offset 5m", "up @ 5", "up @ end()", "sum(up)",
                            "(up)", "up or down", "-up", "1", "\"up\"", "up anchored", "up,down",
                            "{}", "{x=\"\"}", "up{", "rate(up[5m])", "up up"}) {
    EXPECT_FALSE(EnforceSelector(other, &kAcme)) << other;
  }
}

// --- The attacks of the facts page, by name ---

TEST(Attack, AContradictingMatcherSelectsNothing) {
  EXPECT_EQ(Enforced(R"(m{tenant_id="other"})"), R"(m{tenant_id="other",tenant_id="acme"})");
}

TEST(Attack, ANegatedMatcherIsKeptAndNotReplaced) {
  EXPECT_EQ(Enforced(R"(m{tenant_id!="acme"})"), R"(m{tenant_id!="acme",tenant_id="acme"})");
  EXPECT_EQ(Enforced(R"(m{tenant_id!~"acme"})"), R"(m{tenant_id!~"acme",tenant_id="acme"})");
}

TEST(Attack, TextIsNeverSpliced) {
  EXPECT_EQ(Enforced(R"(m{x="\"} or n{\""})"), R"(m{x="\"} or n{\"",tenant_id="acme"})");
  EXPECT_EQ(Enforced("m{x='\"} or n{\"'}"), R"(m{x="\"} or n{\"",tenant_id="acme"})");
  EXPECT_EQ(Enforced("m{x=`\"} or n{\"`}"), R"(m{x="\"} or n{\"",tenant_id="acme"})");
}

TEST(Attack, ATenantThatBreaksOutOfItsQuotesDoesNot) {
  TenantMatcher odd{"tenant_id", "x\"} or {__name__=~\".+"};
  EXPECT_EQ(EnforceQuery("m", &odd)->text, R"(m{tenant_id="x\"} or {__name__=~\".+"})");
}

TEST(Attack, AnEmptyTenantIsRefused) {
  TenantMatcher nobody{"tenant_id", ""};
  EXPECT_FALSE(EnforceQuery("m", &nobody));
  EXPECT_FALSE(EnforceSelector("m", &nobody));
  EXPECT_THAT(CheckTenantMatcher(nobody), HasSubstr("every series without the label"));
}

TEST(Attack, ATenantWithoutALabelIsRefused) {
  for (const TenantMatcher& bad : {TenantMatcher{"", "x"}, TenantMatcher{"\xff", "x"},
                                   TenantMatcher{"t", "\xff"}, TenantMatcher{"__name__", "x"}}) {
    EXPECT_FALSE(EnforceQuery("m", &bad)) << bad.label;
    EXPECT_NE(CheckTenantMatcher(bad), "");
  }
  EXPECT_EQ(CheckTenantMatcher(kAcme), "");
}

TEST(Attack, InfoOfOneArgumentReadsOwnTargetInfoOnly) {
  EXPECT_EQ(Enforced("info(m)"),
            R"(info(m{tenant_id="acme"}, {__name__="target_info",tenant_id="acme"}))");
}

TEST(Attack, InfoOfTwoArgumentsIsEnforcedInBoth) {
  EXPECT_EQ(Enforced(R"(info(m, {__name__=~".+_info"}))"),
            R"(info(m{tenant_id="acme"}, {__name__=~".+_info",tenant_id="acme"}))");
  EXPECT_EQ(Enforced("info(m, {})"), R"(info(m{tenant_id="acme"}, {tenant_id="acme"}))");
}

TEST(Attack, ACommentEndsAtACarriageReturn) {
  EXPECT_EQ(Enforced("m # {\r or n"), R"(m{tenant_id="acme"} or n{tenant_id="acme"})");
  EXPECT_EQ(Enforced("m # {\n or n"), R"(m{tenant_id="acme"} or n{tenant_id="acme"})");
  EXPECT_EQ(Enforced("m #\r#\n#\r\n or#\rn"), R"(m{tenant_id="acme"} or n{tenant_id="acme"})");
}

TEST(Attack, OtherCharactersThatEndLinesElsewhereDoNotEndAComment) {
  for (const char* separator : {"\v", "\f", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"}) {
    EXPECT_EQ(Enforced(std::string("m #") + separator + " or n"), R"(m{tenant_id="acme"})");
  }
}

TEST(Attack, OnlyFourCharactersAreSpace) {
  EXPECT_EQ(Enforced("\t m\r\n+ \tn"), R"(m{tenant_id="acme"} + n{tenant_id="acme"})");
  for (const char* odd :
       {"\v", "\f", "\xc2\xa0", "\xc2\x85", "\xe2\x80\x8b", "\xe3\x80\x80", "\xef\xbb\xbf"}) {
    EXPECT_THAT(Fault(std::string("m") + odd + "+ n"), HasSubstr("unexpected character")) << odd;
    EXPECT_THAT(Fault(odd + std::string("m")), HasSubstr("unexpected character")) << odd;
  }
}

TEST(Attack, InvalidUtf8IsRefusedEverywhere) {
  for (const char* broken :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    for (const char* place : {"%", "m %", "m # %\n", "m{x=\"%\"}", "m{x=`%`}", "m{%=\"x\"}"}) {
      std::string query = place;
      query.replace(query.find('%'), 1, broken);
      EXPECT_EQ(Fault(query), "invalid UTF-8") << place;
    }
  }
}

TEST(Attack, AZeroByteIsNoEndOfText) {
  EXPECT_THAT(Fault(std::string("m\0 or n", 7)), HasSubstr("unexpected character"));
  EXPECT_EQ(Enforced(std::string("m{x=\"\0\"}", 8)), R"(m{x="\x00",tenant_id="acme"})");
}

TEST(Attack, UnknownFunctionsAreRefused) {
  for (const char* query : {"new_function(m)", "Info(m)", "label_values(m, \"x\")",
                            "WITH (x = m) x", "eval(\"m\")", "sum_all(m)"}) {
    EXPECT_THAT(Fault(query), HasSubstr("unknown function")) << query;
  }
}

TEST(Attack, WhatOtherDatabasesUnderstandIsRefused) {
  for (const char* query : {R"(m{a="b" or c="d"})", "m keep_metric_names", "m default 0", "m if n",
                            "rate(m)", "m[5m] offset [5m]", "m limit 5", "{a=\"b\"}[5i]", "(m, n)",
                            "WITH (f(x) = x) f(m)", "m @ (n)"}) {
    EXPECT_FALSE(EnforceQuery(query, &kAcme)) << query;
  }
}

TEST(Attack, TheEmptySelectorIsRefusedThoughTheTenantsMatcherWouldFillIt) {
  for (const char* query : {"{}", R"({x=""})", R"({x=~".*"})", R"({x!="y"})", R"({x=~"a?"})"}) {
    EXPECT_EQ(Fault(query), "vector selector must contain at least one non-empty matcher") << query;
  }
}

TEST(Attack, ANameCannotBeSetTwice) {
  EXPECT_THAT(Fault(R"(m{__name__=~".+"})"), HasSubstr("metric name must not be set twice"));
  EXPECT_THAT(Fault(R"(m{"n"})"), HasSubstr("metric name must not be set twice"));
}

TEST(Attack, DeepNestingEndsInARefusalAndNotOnTheStack) {
  auto times = [](const char* text, size_t n) {
    std::string out;
    for (size_t i = 0; i < n; ++i) out += text;
    return out;
  };
  LanguageLimits large{64 << 20, 1'000'000};
  for (const char* opening :
       {"(",       "sum(",     "-",    "+",         "a^",          "abs(",        "a[",
        "a[(",     "a[-",      "a[1^", "a[max_of(", "a offset -(", "a offset --", "sum by (x) (",
        "topk(1,", "info(a, ", "(-",   "a + (",     "a[1m:(",      "{a=~\"("}) {
    std::string query = times(opening, 100'000);
    EXPECT_FALSE(EnforceQuery(query, &kAcme, large)) << opening;
    EXPECT_FALSE(EnforceQuery(query, &kAcme)) << opening;
    EXPECT_FALSE(EnforceSelector(query, &kAcme, large)) << opening;
  }
}

// What `kDeepest` and `kLongestChain` allow at most. Threads have 8 MiB by default.
TEST(Attack, TheDeepestQueryThatIsTakenNeedsLessThanFourMebibytesOfStack) {
  std::string query = std::string(kDeepest - 2, '(') + "a";
  for (int i = 0; i < 1000; ++i) query += " + a";
  query += std::string(kDeepest - 2, ')');
  auto enforce = [](void* text) -> void* {
    LanguageLimits large{64 << 20, kDeepest};
    EXPECT_TRUE(EnforceQuery(*static_cast<std::string*>(text), &kAcme, large));
    return nullptr;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{4} << 20);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, enforce, &query), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(Attack, LongChainsEndInARefusalAndNotOnTheStack) {
  LanguageLimits large{64 << 20, 1'000'000};
  for (const char* link : {" + a", " or a", "[5m:1m]", "*1"}) {
    std::string query = "a";
    for (int i = 0; i < 100'000; ++i) query += link;
    EXPECT_THAT(Fault(query, large), HasSubstr("operators in a chain")) << link;
    EXPECT_FALSE(EnforceQuery(query, &kAcme)) << link;
  }
  std::string durations = "a[1m";
  for (int i = 0; i < 100'000; ++i) durations += "+1m";
  EXPECT_THAT(Fault(durations + "]", large), HasSubstr("too many operators in a duration"));
}

TEST(Attack, ChainsAsPeopleWriteThemAreTaken) {
  std::string query = "a0";
  for (int i = 1; i < 500; ++i) query += " or a" + std::to_string(i);
  EXPECT_THAT(Enforced(query), EndsWith(R"(a499{tenant_id="acme"})"));
}

TEST(Attack, DepthCountsNestingUpToTheLimit) {
  LanguageLimits limits{1000, 20};
  auto parens = [](size_t n) { return std::string(n, '(') + "m" + std::string(n, ')'); };
  EXPECT_FALSE(Fault(parens(20), limits).starts_with("accepted"));
  EXPECT_THAT(Fault(parens(20), limits), HasSubstr("deeper than 20 levels"));
  EXPECT_TRUE(Fault(parens(19), limits).starts_with("accepted"));
}

TEST(Attack, LengthIsLimited) {
  LanguageLimits limits{10, 20};
  EXPECT_EQ(Fault("12345678901", limits), "query is longer than 10 bytes");
  EXPECT_EQ(Fault("1234567890", limits), "accepted: 1234567890");
}

TEST(Attack, CostlyRegularExpressionsAreRefusedOrCheap) {
  for (const char* regex :
       {"((a{100}){100}){100}", "(x{1000}){1000}", "a{1001}", "(((a{99}){99}){99}){99}"}) {
    EXPECT_THAT(Fault(std::string("m{x=~\"") + regex + "\"}"), HasSubstr("error parsing regexp"));
  }
}

TEST(Attack, DeepRegularExpressionsDoNotEndOnTheStack) {
  auto nested = [](size_t n) {
    return "m{x=~\"" + std::string(n, '(') + std::string(n, ')') + "\"}";
  };
  EXPECT_TRUE(EnforceQuery(nested(8), &kAcme));
  EXPECT_TRUE(EnforceQuery(nested(900), &kAcme));
  EXPECT_THAT(Fault(nested(30'000)), HasSubstr("nests too deeply"));
  LanguageLimits large{64 << 20, 100};
  EXPECT_THAT(Fault(nested(2'000'000), large), HasSubstr("nests too deeply"));
}

// --- Faults ---

TEST(Fault, SaysLineAndColumnFromOne) {
  std::string query = "sum(\n  rate(m)\n)";
  Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, nullptr);
  ASSERT_FALSE(enforced);
  EXPECT_EQ(
      DescribeFault(query, enforced.fault()),
      "2:8: parse error: expected type range vector in call to function \"rate\", got instant "
      "vector");
  EXPECT_THAT(PointAtFault(query, enforced.fault()),
              ::testing::StartsWith("  rate(m)\n       ^\n"));
}

TEST(Fault, PointsBehindTheEndWhereSomethingIsMissing) {
  std::string query = "sum(m";
  EXPECT_THAT(PointAtFault(query, EnforceQuery(query, nullptr).fault()),
              ::testing::StartsWith("sum(m\n     ^\n1:6: "));
}

TEST(Fault, CountsCharactersForTheCaretAndMovesNoCursor) {
  std::string query = "\x1b{x=\"\"} m{x=\"\xc3\xa4\"} ?";
  EXPECT_THAT(PointAtFault(query, QueryFault{query.size() - 1, "odd"}),
              ::testing::StartsWith(" {x=\"\"} m{x=\"\xc3\xa4\"} ?\n                 ^\n"));
}

TEST(Refused, IsAsTheTableSays) {
  ExpectAnswers("refused.txt", [](const std::string& query) {
    Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kAcme);
    return enforced ? "accepted: " + enforced->text : PointAtFault(query, enforced.fault());
  });
}

TEST(Refused, IsRefusedForOperatorsToo) {
  for (const std::string& query : QueriesOf("refused.txt")) {
    EXPECT_FALSE(EnforceQuery(query, nullptr)) << query;
    EXPECT_FALSE(EnforceQuery(query, &kAcme)) << query;
  }
}

}  // namespace
}  // namespace usage::gateway
