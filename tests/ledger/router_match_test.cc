// Which session a router's row is: the cases are in match_cases.txt, to be read.
#include "ledger/router_match.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "core/mac.h"
#include "tests/ledger/books.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using namespace usage::testing;

using Fields = std::map<std::string, std::string>;  // "user=bob mac=…"

Fields ReadFields(std::istream& words) {
  Fields fields;
  for (std::string word; words >> word;) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) throw std::invalid_argument(word);
    fields[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return fields;
}

// "09:55" of the day of the cases.
Instant At(const std::string& time) {
  return T(11, 23, std::stoi(time.substr(0, 2)), std::stoi(time.substr(3)));
}

class Cases {
 public:
  // The text with every verdict as the index gives it.
  std::string Run(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) RunLine(line.substr(0, line.find("  ->")));
    return out_.str();
  }

 private:
  void RunLine(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    out_ << line;
    const bool is_command = line.starts_with(what);
    if (what == "#") Forget();
    if (is_command && what == "session") AddSession(words);
    if (is_command && what == "row") out_ << "  -> " << VerdictOf(words);
    out_ << "\n";
  }

  void Forget() {
    for (const auto& [slot, name] : names_) index_.Remove(slot);
    names_.clear();
  }

  void AddSession(std::istream& words) {
    MatchCandidate candidate;
    std::string name, access;
    words >> name >> access >> candidate.tenant;
    candidate.access = ParseAccess(access).value();
    Fields fields = ReadFields(words);
    candidate.where.user = fields["user"];
    candidate.where.mac = ParseMac(fields["mac"]).value_or(0);
    candidate.where.address = fields["address"];
    candidate.where.session_id = fields["id"];
    if (!fields["since"].empty()) candidate.started = At(fields["since"]);
    const MatchSlot slot = index_.Add(candidate);
    names_[slot] = name;
    EXPECT_TRUE(index_.Is(slot, candidate)) << name;
  }

  std::string VerdictOf(std::istream& words) {
    RouterRow row;
    std::string access, tenant;
    words >> access >> tenant;
    row.access = ParseAccess(access).value();
    Fields fields = ReadFields(words);
    row.user = fields["user"];
    row.mac = ParseMac(fields["mac"]).value_or(0);
    row.address = fields["address"];
    row.session_id = fields["id"];
    if (!fields["since"].empty()) row.uptime = At("12:00") - At(fields["since"]);
    return ToText(index_.Find(tenant == "several" ? "" : tenant, row, At("12:00")));
  }

  std::string ToText(const RouterMatch& match) const {
    const std::string by =
        std::string(MatchKeyName(match.key)) + (match.without_realm ? ", without the realm" : "");
    if (match.slot) return names_.at(*match.slot) + " by " + by;
    return match.is_ambiguous ? "several by " + by : "none";
  }

  MatchIndex index_;
  std::map<MatchSlot, std::string> names_;
  std::ostringstream out_;
};

TEST(RouterMatchTest, RowsFindTheirSessionsByTheSurestKey) {
  const std::string path = USAGE_SOURCE_DIR "/tests/ledger/match_cases.txt";
  ExpectGolden(path, Cases().Run(ReadFile(path)));
}

MatchCandidate Numbered(uint64_t n) {
  MatchCandidate candidate;
  candidate.tenant = "t" + std::to_string(n % 7);
  candidate.access = Access::kPppoe;
  candidate.where.user = "user-" + std::to_string(n);
  candidate.where.mac = n + 1;
  candidate.where.session_id = "81a" + std::to_string(n);
  return candidate;
}

RouterRow RowOf(const MatchCandidate& candidate) {
  RouterRow row;
  row.access = candidate.access;
  row.user = candidate.where.user;
  row.mac = candidate.where.mac;
  return row;
}

TEST(RouterMatchTest, CandidatesComeAndGoAndWhoIsThereIsFoundAndNobodyElse) {
  std::mt19937_64 random(7);
  MatchIndex index;
  std::map<uint64_t, MatchSlot> there;
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t n = random() % 500;
    const auto known = there.find(n);
    if (known == there.end()) {
      there[n] = index.Add(Numbered(n));
    } else if (random() % 3 == 0) {
      index.Replace(known->second, Numbered(n));
    } else {
      index.Remove(known->second);
      there.erase(known);
    }
    const uint64_t asked = random() % 500;
    const RouterMatch match = index.Find("", RowOf(Numbered(asked)), T(11, 23, 12));
    ASSERT_EQ(match.slot.has_value(), there.contains(asked));
    if (match.slot) {
      ASSERT_EQ(*match.slot, there[asked]);
    }
  }
  EXPECT_EQ(index.size(), there.size());
}

}  // namespace
}  // namespace usage
