// Whose turn it is, in a time that the test makes.
#include "app/poll_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <sstream>

#include "tests/support/golden.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = PollQueue::Time;

double Seconds(Time time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

std::string Fixed(double number) {
  std::ostringstream text;
  text.precision(2);
  text << std::fixed << number;
  return text.str();
}

TEST(PollBeat, KeepsItsPhaseAndVariesALittle) {
  PollBeat beat("harbour-1", seconds(5), Time());
  std::set<double> parts;
  const double phase = std::floor(Seconds(beat.due()));
  for (int i = 0; i < 50; ++i) {
    parts.insert(Seconds(beat.due()) - 5 * i - phase);
    EXPECT_EQ(beat.Serve(beat.due()), 0u);
  }
  EXPECT_GT(parts.size(), 40u);
  EXPECT_LE(*parts.rbegin() - *parts.begin(), 0.25);
}

TEST(PollBeat, SpreadsAHundredRoutersOverTheInterval) {
  std::vector<int> by_second(5);
  for (int i = 0; i < 100; ++i) {
    const PollBeat beat("router-" + std::to_string(i), seconds(5), Time());
    ++by_second.at(static_cast<size_t>(Seconds(beat.due())) % 5);
  }
  for (const int count : by_second) EXPECT_NEAR(count, 20, 10);
}

TEST(PollBeat, CountsTheBeatsThatFallOut) {
  PollBeat beat("r", seconds(5), Time());
  const Time first = beat.due();
  EXPECT_EQ(beat.Serve(first + seconds(12)), 2u);
  EXPECT_GT(beat.due(), first + seconds(12));
  EXPECT_LT(beat.due(), first + seconds(16));
}

TEST(Breaker, RestsLongerEachTimeUpToAMinute) {
  Breaker breaker((seconds(5)));
  std::string rests;
  Time now;
  for (int i = 0; i < 9; ++i) {
    breaker.Failed(now);
    rests += breaker.is_resting() ? Fixed(Seconds(breaker.rests_until()) - Seconds(now)) : "-";
    rests += " ";
    now += seconds(1);
  }
  EXPECT_EQ(rests, "- - 10.00 20.00 40.00 60.00 60.00 60.00 60.00 ");
  breaker.Succeeded();
  EXPECT_FALSE(breaker.is_resting());
  EXPECT_FALSE(breaker.is_suspect());
}

// Plays polls by a queue: how long each takes and whether it succeeds is the test's to say.
class Play {
 public:
  struct Poll {
    Time begin, end;
    PollQueue::Turn turn;
    bool is_good;
  };
  struct Answer {
    milliseconds takes;
    bool is_good;
  };
  using Script = std::function<Answer(const std::string& name, Time begin)>;

  Play(PollQueue::Pace pace, std::vector<std::string> names) : queue_(pace) {
    for (const std::string& name : names) queue_.Add(name, now_);
  }

  void Run(seconds time, const Script& script) {
    for (const Time end = now_ + time; now_ < end; now_ = NextEvent()) {
      EndPolls();
      while (const auto turn = queue_.Take(now_)) {
        const Answer answer = script(turn->name, now_);
        under_way_.push_back({now_, now_ + answer.takes, *turn, answer.is_good});
      }
      most_ = std::max(most_, under_way_.size());
    }
  }

  PollQueue& queue() { return queue_; }
  Time now() const { return now_; }
  size_t most() const { return most_; }  // polls at once
  const std::vector<Poll>& polls() const { return polls_; }

 private:
  void EndPolls() {
    std::erase_if(under_way_, [&](const Poll& poll) {
      if (poll.end > now_) return false;
      queue_.Done(poll.turn.name, poll.is_good, now_);
      polls_.push_back(poll);
      return true;
    });
  }

  Time NextEvent() const {
    Time next = queue_.NextLook(now_);
    for (const Poll& poll : under_way_) next = std::min(next, poll.end);
    return next;
  }

  PollQueue queue_;
  Time now_;
  std::vector<Poll> under_way_, polls_;
  size_t most_ = 0;
};

std::string Timeline(const Play& play) {
  std::string text;
  for (const Play::Poll& poll : play.polls()) {
    text += Fixed(Seconds(poll.begin)) + " " + poll.turn.name;
    text += poll.turn.depth == PollDepth::kAll ? " all" : " rows";
    text += poll.is_good ? " good" : " failed";
    if (poll.turn.skipped > 0) text += " skipped " + std::to_string(poll.turn.skipped);
    text += "\n";
  }
  return text;
}

TEST(PollQueue, RestsAndComesBackAndAsksForDetailsNowAndThen) {
  Play play({seconds(5), seconds(30), 4}, {"r"});
  play.Run(seconds(180), [](const std::string&, Time begin) {
    const bool is_dead = Seconds(begin) > 40 && Seconds(begin) < 120;
    return Play::Answer{milliseconds(is_dead ? 4000 : 20), !is_dead};
  });
  testing::ExpectGolden(USAGE_SOURCE_DIR "/tests/app/poll_queue.golden", Timeline(play));
}

TEST(PollQueue, ASlowRouterLosesItsOwnBeatsOnly) {
  Play play({seconds(5), seconds(30), 4}, {"quick", "slow"});
  play.Run(seconds(60), [](const std::string& name, Time) {
    return Play::Answer{milliseconds(name == "slow" ? 12000 : 20), true};
  });
  uint64_t quick = 0, slow = 0, skipped = 0;
  for (const auto& poll : play.polls()) {
    (poll.turn.name == "quick" ? quick : slow) += 1;
    skipped += poll.turn.skipped;
    if (poll.turn.name == "quick") {
      EXPECT_EQ(poll.turn.skipped, 0u);
    }
  }
  EXPECT_EQ(quick, 12u);
  EXPECT_EQ(slow, 4u);
  EXPECT_EQ(skipped, 4u);
}

// The longest time between two polls of one router of those whose names begin so.
double LongestGap(const Play& play, const std::string& prefix) {
  std::map<std::string, Time> last;
  double longest = 0;
  for (const auto& poll : play.polls()) {
    if (!poll.turn.name.starts_with(prefix)) continue;
    const auto [before, is_new] = last.try_emplace(poll.turn.name, poll.begin);
    if (!is_new) longest = std::max(longest, Seconds(poll.begin) - Seconds(before->second));
    before->second = poll.begin;
  }
  return longest;
}

TEST(PollQueue, HealthyRoutersKeepTheirBeatWhileTwentyOfAHundredDie) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) {
    names.push_back((i < 20 ? "dying-" : "well-") + std::to_string(i));
  }
  Play play({seconds(5), seconds(30), 16}, names);
  play.Run(seconds(600), [](const std::string& name, Time begin) {
    const bool is_dead = name.starts_with("dying") && Seconds(begin) > 30;
    return Play::Answer{milliseconds(is_dead ? 4000 : 50), !is_dead};
  });
  EXPECT_LE(LongestGap(play, "well"), 5.25);
  EXPECT_LE(play.most(), 32u);
  for (const auto& poll : play.polls()) {
    const bool is_well = poll.turn.name.starts_with("well");
    EXPECT_EQ(is_well ? poll.turn.skipped : 0, 0u) << poll.turn.name;
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(play.queue().IsResting("dying-" + std::to_string(i)));
}

TEST(PollQueue, OfOneThreadTheDeadTakeNoMoreThanTheirShare) {
  Play play({seconds(5), seconds(30), 1}, {"a", "b", "dead-1", "dead-2"});
  play.Run(seconds(600), [](const std::string& name, Time) {
    return Play::Answer{milliseconds(name.starts_with("dead") ? 4000 : 20),
                        !name.starts_with("dead")};
  });
  EXPECT_LE(LongestGap(play, "a"), 7);
  EXPECT_LE(LongestGap(play, "b"), 7);
  EXPECT_LE(play.most(), 2u);
}

TEST(PollQueue, NeverPollsARouterTwiceAtOnce) {
  PollQueue queue({seconds(5), seconds(30), 16});
  queue.Add("r", Time());
  const Time later = Time() + seconds(60);
  ASSERT_TRUE(queue.Take(later));
  EXPECT_FALSE(queue.Take(later + seconds(60)));
  queue.Remove("r");
  queue.Add("r", later + seconds(61));
  EXPECT_FALSE(queue.Take(later + seconds(120))) << "its old poll is still under way";
  queue.Done("r", true, later + seconds(121));
  EXPECT_TRUE(queue.Take(later + seconds(122)));
}

TEST(PollQueue, WhoIsGoneIsPolledNoMore) {
  PollQueue queue({seconds(5), seconds(30), 16});
  queue.Add("a", Time());
  queue.Add("b", Time());
  const auto turn = queue.Take(Time() + seconds(6));
  ASSERT_TRUE(turn);
  queue.Remove("a");
  queue.Remove("b");
  EXPECT_FALSE(queue.Take(Time() + seconds(7)));
  queue.Done(turn->name, true, Time() + seconds(8));
  EXPECT_FALSE(queue.Take(Time() + seconds(60)));
}

}  // namespace
}  // namespace usage
