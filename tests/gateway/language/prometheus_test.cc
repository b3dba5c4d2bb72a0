// The language held against a real Prometheus: what it takes, and what it answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "gateway/enforce.h"
#include "gateway/printer.h"
#include "tests/gateway/language/corpus.h"
#include "tests/gateway/language/prometheus_server.h"
#include "tests/gateway/language/random_query.h"

namespace usage::gateway {
namespace {

const TenantMatcher kAcme{"tenant_id", "acme"};

std::string RandomText(uint32_t seed, Dialect dialect) {
  Tree tree;
  std::string text;
  Print(*RandomQuery(seed, dialect).Make(1 + static_cast<int>(seed % 5), &tree), text);
  return text;
}

// Cuts a query between its words, and drops, doubles, swaps and mixes in what others have.
class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& queries) : random_(7) {
    for (const std::string& query : queries) queries_.push_back(WordsOf(query));
  }

  std::string Next();

 private:
  size_t Below(size_t n) { return random_() % n; }
  template <typename List>
  auto& OneOf(List& list) {
    return list[Below(list.size())];
  }

  static std::vector<std::string> WordsOf(const std::string& query) {
    std::vector<std::string> words;
    auto in_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    for (char c : query) {
      bool joins = !words.empty() && in_word(c) && in_word(words.back().back());
      joins ? words.back() += c : words.emplace_back(1, c);
    }
    return words;
  }

  void MutateOnce(std::vector<std::string>* words) {
    size_t at = Below(words->size() + 1);
    auto place = words->begin() + static_cast<std::ptrdiff_t>(at);
    switch (Below(4)) {
      case 0:
        if (place != words->end()) words->erase(place);
        return;
      case 1:
        if (place != words->end()) std::swap(*place, OneOf(*words));
        return;
      default:
        words->insert(place, OneOf(OneOf(queries_)));
    }
  }

  std::mt19937 random_;
  std::vector<std::vector<std::string>> queries_;
};

std::string Mutator::Next() {
  std::vector<std::string> words = OneOf(queries_);
  for (size_t n = 1 + Below(3); n > 0; --n) MutateOnce(&words);
  std::string text;
  for (const std::string& word : words) text += word;
  return text;
}

class Prometheus242 : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<PrometheusServer>(""); }
  static void TearDownTestSuite() { server_.reset(); }

  static std::unique_ptr<PrometheusServer> server_;
};

std::unique_ptr<PrometheusServer> Prometheus242::server_;

TEST_F(Prometheus242, TakesWhatIsPrintedOfAllThatItKnows) {
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    std::string text = RandomText(seed, Dialect::kPrometheus242);
    Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(text, &kAcme);
    ASSERT_TRUE(enforced) << text << "\n" << enforced.error();
    PrometheusAnswer answer = server_->Ask("format_query", {{"query", enforced->text}});
    ASSERT_EQ(answer.status, 200) << enforced->text << "\n" << answer.body;
  }
}

// It reads our text as we do: what it prints of it is, printed by us, our text.
TEST_F(Prometheus242, ReadsWhatIsPrintedAsItWasMeant) {
  int same = 0;
  for (uint32_t seed = 0; seed < 2'000; ++seed) {
    std::string text = RandomText(seed, Dialect::kPrometheus242);
    auto formatted = [&](const std::string& query) {
      PrometheusAnswer answer = server_->Ask("format_query", {{"query", query}});
      return nlohmann::json::parse(answer.body).value("data", "refused: " + query);
    };
    std::string theirs = formatted(text);
    Expected<EnforcedQuery, QueryFault> read =
        EnforceQuery(theirs, nullptr, {LanguageLimits{}.max_bytes, kDeepest});
    ASSERT_TRUE(read) << theirs << "\n" << read.error();
    ASSERT_EQ(formatted(read->text), theirs);
    ++same;
  }
  EXPECT_EQ(same, 2'000);
}

TEST_F(Prometheus242, RefusesWhatIsRefused) {
  for (const std::string& query : QueriesOf("refused.txt")) {
    EXPECT_FALSE(server_->Takes(query)) << query;
  }
}

TEST_F(Prometheus242, TakesNothingThatIsRefusedAmongMutatedQueries) {
  Mutator mutator(QueriesOf("enforced.txt"));
  int taken = 0;
  for (int i = 0; i < 6'000; ++i) {
    std::string query = mutator.Next();
    bool theirs = server_->Takes(query);
    Expected<EnforcedQuery, QueryFault> ours = EnforceQuery(query, nullptr);
    ASSERT_TRUE(ours || !theirs) << query << "\n" << ours.error();
    if (!theirs) continue;
    ASSERT_TRUE(server_->Takes(ours->text)) << query << "\n" << ours->text;
    ++taken;
  }
  EXPECT_GT(taken, 300);
}

// Whether both take it, or both refuse it.
bool ExpectSameVerdict(PrometheusServer& server, const std::string& query) {
  bool theirs = server.Takes(query);
  EXPECT_EQ(bool(EnforceQuery(query, nullptr)), theirs) << query;
  return theirs;
}

std::string CallOf(const Function& function, const std::vector<Type>& types) {
  std::string query(function.name);
  for (size_t i = 0; i < types.size(); ++i) {
    constexpr const char* kArguments[] = {"1", "m", "m[5m]", "\"a\""};
    query += i == 0 ? "(" : ", ";
    query += kArguments[static_cast<size_t>(types[i])];
  }
  return query + (types.empty() ? "()" : ")");
}

// As many arguments as there may be and a few more, of the right types, and each of every other.
TEST_F(Prometheus242, HasFunctionsOfTheSameArguments) {
  int known = 0;
  for (const std::string& name : FunctionNames()) {
    const Function& function = *FindFunction(name);
    if (!IsIn242(function)) continue;
    for (int count = 0; count <= function.parameters + 3; ++count) {
      std::vector<Type> types;
      for (int i = 0; i < count; ++i) {
        types.push_back(function.parameters == 0 ? Type::kScalar : function.TypeOf(i));
      }
      known += ExpectSameVerdict(*server_, CallOf(function, types)) ? 1 : 0;
      for (Type& type : types) {
        Type right = type;
        for (Type wrong : {Type::kScalar, Type::kVector, Type::kMatrix, Type::kString}) {
          type = wrong;
          ExpectSameVerdict(*server_, CallOf(function, types));
        }
        type = right;
      }
    }
  }
  EXPECT_GT(known, 70);
}

// --- Answers ---

constexpr int64_t kBegin = 1'700'000'000;
constexpr int64_t kStep = 30;
constexpr int kSamples = 120;

// Series of one tenant: other numbers for each.
class Series {
 public:
  explicit Series(const std::string& tenant)
      : tenant_(tenant), random_(tenant.size() + tenant[0]) {}

  std::string Lines(const std::string& metric, const std::string& labels, bool counter) {
    std::string lines;
    int64_t value = 0;
    for (int i = 0; i < kSamples; ++i) {
      auto more = static_cast<int64_t>(random_() % 100);
      bool reset = random_() % 50 == 0;
      value = counter && !reset ? value + more : more;
      std::string time = std::to_string(kBegin + i * kStep);
      lines += metric;
      lines.append("{tenant_id=\"").append(tenant_).append("\",").append(labels).append("} ");
      lines.append(std::to_string(value)).append(" ").append(time).append("\n");
    }
    return lines;
  }

 private:
  std::string tenant_;
  std::mt19937 random_;
};

// OpenMetrics wants the series of a metric together.
std::string SeriesOf(const std::vector<std::string>& tenants) {
  std::string text;
  std::vector<Series> series(tenants.begin(), tenants.end());
  auto add = [&](const std::string& metric, const std::string& labels, bool counter) {
    for (Series& tenant : series) text += tenant.Lines(metric, labels, counter);
  };
  for (const char* metric : {"sessions", "start", "job:bytes:5m"}) {
    for (const char* labels : {R"(a="x",job="p")", R"(a="y",job="p")", R"(a="x",job="q",on="1")"}) {
      add(metric, labels, false);
    }
  }
  add("bytes_total", R"(a="x",job="p")", true);
  add("bytes_total", R"(a="y",job="q")", true);
  for (const char* le : {"1", "5", "+Inf"}) add("h_bucket", std::string("le=\"") + le + "\"", true);
  return text + "# EOF\n";
}

// Elements in an order of their own: that of equal ones is nobody's promise.
nlohmann::json DataOf(const PrometheusAnswer& answer) {
  nlohmann::json data = nlohmann::json::parse(answer.body).value("data", nlohmann::json());
  bool list = data.is_object() && data["result"].is_array() && data["resultType"] != "scalar" &&
              data["resultType"] != "string";
  if (list) std::sort(data["result"].begin(), data["result"].end());
  return data;
}

// Range queries add up in the order of a Go map, another one each time: the last digits differ.
bool IsNear(const nlohmann::json& a, const nlohmann::json& b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_string()) {
    char* end = nullptr;
    std::string x = a.get<std::string>(), y = b.get<std::string>();
    double p = std::strtod(x.c_str(), &end), q = std::strtod(y.c_str(), nullptr);
    return x == y || (*end == '\0' && std::abs(p - q) <= 1e-9 * std::max(1.0, std::abs(p)));
  }
  if (!a.is_structured()) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), IsNear) &&
         (!a.is_object() ||
          std::equal(a.items().begin(), a.items().end(), b.items().begin(),
                     [](const auto& x, const auto& y) { return x.key() == y.key(); }));
}

// One Prometheus holds three tenants, the other only acme's series.
class Answers : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    everybody_ = std::make_unique<PrometheusServer>(SeriesOf({"acme", "other", "acme2"}));
    alone_ = std::make_unique<PrometheusServer>(SeriesOf({"acme"}));
  }
  static void TearDownTestSuite() {
    everybody_.reset();
    alone_.reset();
  }

  static std::string Query(uint32_t seed) {
    Tree tree;
    RandomQuery random(seed, Dialect::kDeterministic);
    random.metrics = {"sessions", "sessions", "bytes_total", "h_bucket", "start", "job:bytes:5m"};
    random.labels = {"a", "job", "on", "tenant_id"};
    random.values = {"", "x", "y", "p", "acme", "other"};
    std::string text;
    Print(*random.Make(1 + static_cast<int>(seed % 4), &tree), text);
    return text;
  }

  // The answer has elements.
  static bool ExpectSame(const std::string& endpoint, const std::string& query,
                         const PrometheusServer::Parameters& parameters) {
    Expected<EnforcedQuery, QueryFault> enforced = EnforceQuery(query, &kAcme);
    if (!enforced) ADD_FAILURE() << query << "\n" << enforced.error();
    if (!enforced) return false;
    nlohmann::json data;
    // What hangs on the last digit (a == b, sgn()) may come out otherwise once, not always.
    for (int attempt = 0; attempt < 20; ++attempt) {
      PrometheusAnswer ours = Ask(*everybody_, endpoint, parameters, enforced->text);
      PrometheusAnswer theirs = Ask(*alone_, endpoint, parameters, query);
      data = DataOf(theirs);
      if (ours.status == theirs.status && IsNear(DataOf(ours), data)) return HasElements(data);
    }
    ADD_FAILURE() << query << "\n" << enforced->text << "\n" << data.dump();
    return false;
  }

  static PrometheusAnswer Ask(PrometheusServer& server, const std::string& endpoint,
                              PrometheusServer::Parameters parameters, const std::string& query) {
    parameters.emplace_back("query", query);
    return server.Ask(endpoint, parameters);
  }

  static bool HasElements(const nlohmann::json& data) {
    return data.is_object() && !data.at("result").empty();
  }

  static std::unique_ptr<PrometheusServer> everybody_;
  static std::unique_ptr<PrometheusServer> alone_;
};

std::unique_ptr<PrometheusServer> Answers::everybody_;
std::unique_ptr<PrometheusServer> Answers::alone_;

TEST_F(Answers, ToInstantQueriesAreThoseOfAPrometheusThatHoldsNothingElse) {
  std::string time = std::to_string(kBegin + 3000);
  int filled = 0;
  for (uint32_t seed = 0; seed < 3'000; ++seed) {
    filled += ExpectSame("query", Query(seed), {{"time", time}}) ? 1 : 0;
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(filled, 600);
}

TEST_F(Answers, ToRangeQueriesAreThoseOfAPrometheusThatHoldsNothingElse) {
  PrometheusServer::Parameters range = {{"start", std::to_string(kBegin + 600)},
                                        {"end", std::to_string(kBegin + 3000)},
                                        {"step", "120"}};
  int filled = 0;
  for (uint32_t seed = 10'000; seed < 11'500; ++seed) {
    filled += ExpectSame("query_range", Query(seed), range) ? 1 : 0;
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(filled, 200);
}

// Its labels come from the selector's matchers, and the tenant's is one.
TEST_F(Answers, ToAbsentAreThoseOfAPrometheusThatHoldsNothingElse) {
  std::string time = std::to_string(kBegin + 3000);
  for (const char* query :
       {"absent(nothing)", R"(absent(nothing{a="x"}))", R"(absent((nothing{a="x",job=~"y"})))",
        "absent(sessions)", "absent_over_time(nothing[5m])",
        R"(absent_over_time(nothing{a="x"}[5m]))", R"(absent(nothing{tenant_id!="x",a="y"}))",
        R"(absent(nothing{tenant_id=~".*"}))", R"(absent(nothing{tenant_id="a",tenant_id="b"}))",
        "absent(rate(nothing[5m]))", "absent_over_time(nothing[5m:1m])", "absent(sum(nothing))"}) {
    ExpectSame("query", query, {{"time", time}});
  }
}

TEST_F(Answers, HoldNoneOfTheOthersSeriesWhateverIsAsked) {
  std::string time = std::to_string(kBegin + 3000);
  for (const char* query :
       {R"({__name__=~".+"})", R"(sessions{tenant_id!="acme"})", R"(sessions{tenant_id=~".*"})",
        R"(sessions{tenant_id="other"} or sessions)", R"({tenant_id=~"acme|other"})",
        "count by (tenant_id) ({__name__=~\".+\"})", "sum by (tenant_id) (sessions)",
        "sessions + ignoring (tenant_id) sessions",
        R"(sessions{a=~".*"} unless sessions{tenant_id="acme"})", "max_over_time(sessions[1h:1m])",
        "sessions # {\r or start"}) {
    EnforcedQuery enforced = *EnforceQuery(query, &kAcme);
    PrometheusAnswer answer = everybody_->Ask("query", {{"query", enforced.text}, {"time", time}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body.find("other"), std::string::npos) << query;
    EXPECT_EQ(answer.body.find("acme2"), std::string::npos) << query;
    ExpectSame("query", query, {{"time", time}});
  }
}

}  // namespace
}  // namespace usage::gateway
