// The carry through hand-overs, the drift and the lies: the cases are in live_cases.txt, to be
// read.
#include <gtest/gtest.h>

#include <cmath>

#include "core/mac.h"
#include "tests/ledger/live_house.h"
#include "tests/support/golden.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::seconds;

std::string Text(Volume v) { return std::to_string(v.upload) + "/" + std::to_string(v.download); }

std::string Text(Balance b) { return std::to_string(b.upload) + "/" + std::to_string(b.download); }

Volume VolumeOf(const std::string& text) {
  const size_t slash = text.find('/');
  return {std::stoull(text.substr(0, slash)), std::stoull(text.substr(slash + 1))};
}

// "1:05" minutes and seconds, from noon on.
Instant TimeOf(const std::string& text) {
  const size_t colon = text.find(':');
  return Noon() + std::chrono::minutes(std::stoi(text.substr(0, colon))) +
         seconds(std::stoi(text.substr(colon + 1)));
}

// Runs the commands of one file; each line is answered behind a bar.
class Cases {
 public:
  std::string Run(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) RunLine(line);
    return out_.str();
  }

 private:
  void RunLine(std::string line) {
    const bool is_command = !line.empty() && std::isdigit(static_cast<unsigned char>(line[0]));
    if (is_command) line = line.substr(0, line.find('|'));
    while (line.ends_with(' ')) line.pop_back();
    out_ << line;
    if (line.starts_with("#")) house_ = std::make_unique<LiveHouse>(RulesForReading());
    if (is_command) {
      const std::string answer = AnswerTo(line);
      out_ << std::string(line.size() < 52 ? 52 - line.size() : 1, ' ') << "| " << answer;
    }
    out_ << "\n";
  }

  static RouterRules RulesForReading() {
    RouterRules rules;
    rules.carry = {8'000'000, std::chrono::minutes(30)};  // 1 MB a second
    return rules;
  }

  std::string AnswerTo(const std::string& line) {
    std::istringstream words(line);
    std::string time, what, name;
    words >> time >> what;
    const Instant now = TimeOf(time);
    if (what == "r1" || what == "r2") {
      ReadRows(what, now, words);
      return Live(now);
    }
    if (what == "drift") return Drift(now);
    words >> name;
    if (what == "router") return RouterText(name);
    Account(what, name, now, words);
    return Live(now);
  }

  void Account(const std::string& what, const std::string& name, Instant now, std::istream& words) {
    std::string counted, of, stamp;
    if (what == "word" || what == "stop") words >> counted;
    words >> of >> stamp;
    const Instant when = of == "of" ? TimeOf(stamp) : now;
    if (what == "start") house_->Open(name, now, when);
    if (what == "word") house_->Say(name, now, VolumeOf(counted), when);
    if (what == "stop") house_->Stop(name, now, VolumeOf(counted), when);
    if (what == "gone") house_->Vanish(name, now);
  }

  // "bob 5s 100/1000, ann - 5/5 id=81a00001"
  void ReadRows(const std::string& router, Instant now, std::istream& words) {
    RouterReading reading;
    reading.at = now;
    std::string text;
    std::getline(words, text);
    std::istringstream rows(text);
    for (std::string row; std::getline(rows, row, ',');) reading.rows.push_back(RowOf(row));
    house_->Take(router, reading);
  }

  static RouterRow RowOf(const std::string& text) {
    std::istringstream words(text);
    std::string uptime, counted;
    RouterRow row;
    row.table = RouterTable::kPppoeInterface;
    row.access = Access::kPppoe;
    words >> row.user >> uptime >> counted;
    if (uptime != "-") row.uptime = seconds(std::stoi(uptime));
    row.upload = VolumeOf(counted).upload;
    row.download = VolumeOf(counted).download;
    for (std::string more; words >> more;) {
      if (more.starts_with("id=")) row.session_id = more.substr(3);
      if (more.starts_with("mac=")) row.mac = ParseMac(more.substr(4)).value();
      if (more == "queue") row.table = RouterTable::kQueue;
    }
    return row;
  }

  std::string Live(Instant now) {
    const LiveFigures& live = house_->Live(now);
    std::ostringstream text;
    text << "booked " << Text(house_->Booked()) << " carry " << Text(live.carry) << " live "
         << Text(live.total) << " held " << Text(live.held) << " sessions " << live.sessions;
    if (live.rate.download > 0) {
      text << " rate " << std::llround(live.rate.upload) << "/" << std::llround(live.rate.download);
    }
    return text.str();
  }

  std::string Drift(Instant now) {
    house_->Live(now);
    const auto* drifts = house_->books().Drifts("acme", Access::kPppoe);
    if (drifts == nullptr) return "none";
    std::string text;
    for (const auto& [router, drift] : *drifts) {
      text += router + " closed: " + TallyText(drift.closed, drift.lost) +
              "; today: " + TallyText(drift.today, drift.lost_today) + " ";
    }
    text.pop_back();
    return text;
  }

  static std::string TallyText(DriftTally tally, Volume lost) {
    tally.AddLostStop(lost);
    std::string text = Text(tally.router()) + " - " + Text(tally.accounting());
    Balance sum;
    for (int i = 0; i < static_cast<int>(DriftCause::kCount); ++i) {
      const auto cause = static_cast<DriftCause>(i);
      sum += tally.by(cause);
      if (tally.by(cause) == Balance{}) continue;
      text += " " + std::string(DriftCauseName(cause)) + " " + Text(tally.by(cause));
    }
    EXPECT_EQ(sum, Difference(tally.router(), tally.accounting()));
    return text;
  }

  std::string RouterText(const std::string& name) {
    const RouterFigures& figures = *house_->books().Figures(name);
    std::string text = "rows " + std::to_string(figures.rows[1]) + " matched " +
                       std::to_string(figures.matched[1]);
    for (size_t i = 0; i < figures.lies.size(); ++i) {
      if (figures.lies[i] == 0) continue;
      text += " " + std::string(RouterLieName(static_cast<RouterLie>(i))) + " " +
              std::to_string(figures.lies[i]);
    }
    if (figures.unmatched.rows + figures.unmatched.bytes.sum() > 0) {
      text += " unmatched " + std::to_string(figures.unmatched.rows) + " " +
              Text(figures.unmatched.bytes);
    }
    if (figures.ambiguous.rows + figures.ambiguous.bytes.sum() > 0) {
      text += " ambiguous " + std::to_string(figures.ambiguous.rows) + " " +
              Text(figures.ambiguous.bytes);
    }
    return text;
  }

  std::unique_ptr<LiveHouse> house_;
  std::ostringstream out_;
};

TEST(LiveCasesTest, RoutersCarryOnWhatAccountingHasSaid) {
  const std::string path = USAGE_SOURCE_DIR "/tests/ledger/live_cases.txt";
  ExpectGolden(path, Cases().Run(ReadFile(path)));
}

}  // namespace
}  // namespace usage
