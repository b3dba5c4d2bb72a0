// What is printed is parsed as the tree that was printed.
#include <gtest/gtest.h>

#include "gateway/checker.h"
#include "gateway/enforcer.h"
#include "gateway/parser.h"
#include "gateway/printer.h"
#include "tests/gateway/language/corpus.h"
#include "tests/gateway/language/random_query.h"

namespace usage::gateway {
namespace {

constexpr int kDepth = 200;
const TenantMatcher kAcme{"tenant_id", "acme"};

std::string Printed(const Tree& tree) {
  std::string text;
  Print(*tree.root, text);
  return text;
}

// The selectors of a tree, those of ranges and of info() included.
class SelectorCollector {
 public:
  void operator()(const Expr& expr) {
    if (const auto* vector = std::get_if<VectorSelector>(&expr.node)) selectors.push_back(vector);
    if (const auto* matrix = std::get_if<MatrixSelector>(&expr.node))
      selectors.push_back(&matrix->selector);
    ForEachChild(expr, [this](const Expr& child) { (*this)(child); });
  }
  std::vector<const VectorSelector*> selectors;
};

std::vector<const VectorSelector*> SelectorsOf(const Tree& tree) {
  SelectorCollector collector;
  collector(*tree.root);
  return collector.selectors;
}

bool IsTenants(const Matcher& matcher) {
  return matcher.label == "tenant_id" && matcher.op == MatchOp::kEqual && matcher.value == "acme";
}

void ExpectSameAgain(const Tree& tree) {
  std::string text = Printed(tree);
  Tree again;
  ASSERT_NO_THROW(ParseQuery(text, kDepth, &again)) << text;
  EXPECT_TRUE(SameTree(*tree.root, *again.root)) << text << "\nwas read as\n" << Printed(again);
  ASSERT_NO_THROW(CheckQuery(*again.root)) << text;
}

TEST(RoundTrip, OfRandomTreesGivesTheTreeAgain) {
  for (uint32_t seed = 0; seed < 20'000; ++seed) {
    Tree tree;
    RandomQuery(seed, Dialect::kAll).Make(1 + static_cast<int>(seed % 6), &tree);
    ExpectSameAgain(tree);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(RoundTrip, OfTheCorpusGivesTheTreeAgain) {
  for (const std::string& query : QueriesOf("enforced.txt")) {
    Tree tree;
    ParseQuery(query, kDepth, &tree);
    ExpectSameAgain(tree);
  }
}

TEST(RoundTrip, KeepsOffsetsThatNeedTheirParentheses) {
  for (const char* query :
       {"m offset -+2^2", "m offset --5m + 1", "m offset (5m) + 1 == n", "m offset --step()",
        "m offset -(5m) + 1", "m offset +-(5m)^2 or n", "m offset (5m) [1h:]", "m offset 5m - 5m",
        "m offset (5m) @ 1 + 1", "m offset (5m * 2) % 21 @ 1 + 1", "m offset +(5m) + 1",
        "m offset (5m) smoothed - 1", "(m offset (5m)) + 1"}) {
    Tree tree;
    ParseQuery(query, kDepth, &tree);
    ExpectSameAgain(tree);
  }
}

// Enforcing leaves in the tree what was there, and adds one matcher to each selector, as its last.
TEST(EnforcedTree, HasTheTenantsMatcherLastInEverySelectorAndAllElseAsItWas) {
  for (uint32_t seed = 0; seed < 5'000; ++seed) {
    Tree before, after;
    RandomQuery(seed, Dialect::kAll).Make(1 + static_cast<int>(seed % 6), &before);
    RandomQuery(seed, Dialect::kAll).Make(1 + static_cast<int>(seed % 6), &after);
    Enforce(kAcme, &after);
    Tree read;
    std::string text = Printed(after);
    ParseQuery(text, kDepth, &read);
    std::vector<const VectorSelector*> selectors = SelectorsOf(read);
    for (const VectorSelector* selector : selectors) {
      ASSERT_FALSE(selector->matchers.empty()) << text;
      ASSERT_TRUE(IsTenants(selector->matchers.back())) << text;
      const_cast<VectorSelector*>(selector)->matchers =
          selector->matchers.first(selector->matchers.size() - 1);
    }
    // info() may have got an argument, absent() the matcher once more.
    bool changed =
        text.find("info(") != std::string::npos || text.find("absent") != std::string::npos;
    if (changed) continue;
    ASSERT_EQ(Printed(read), Printed(before));
  }
}

}  // namespace
}  // namespace usage::gateway
