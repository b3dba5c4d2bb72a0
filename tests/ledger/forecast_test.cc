#include "ledger/forecast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <random>
#include <sstream>

#include "tests/support/golden.h"

namespace usage {
namespace {

constexpr uint64_t kMega = 1'000'000;

const Zone& ZoneOf(const std::string& name) {
  const Zone* zone = Zone::Find(name);
  if (zone == nullptr) throw std::runtime_error("no zone " + name);
  return *zone;
}

Day D(int year, unsigned month, unsigned day) { return Day::FromCivil(year, month, day); }

Day DayOf(const std::string& text) {
  return D(std::stoi(text.substr(0, 4)), static_cast<unsigned>(std::stoi(text.substr(5, 2))),
           static_cast<unsigned>(std::stoi(text.substr(8, 2))));
}

// A tenant whose tables and whose ledger say the same, at one moment.
class World {
 public:
  World(const std::string& zone, int billing_day) {
    past_.profile.calendar = TenantCalendar(ZoneOf(zone), billing_day);
  }

  // Days are to come in order.
  void Add(Day day, uint64_t bytes) {
    AccessPast& pppoe = past_.access[1];
    pppoe.days.push_back({day, {bytes / 3, bytes - bytes / 3}});
    const Day period = calendar().PeriodOf(day);
    if (pppoe.months.empty() || pppoe.months.back().first != period)
      pppoe.months.push_back({period, {}});
    pppoe.months.back().volume += pppoe.days.back().volume;
  }

  MonthSoFar At(Instant now, uint64_t today) const {
    const Day day = calendar().DayAt(now);
    const Day first = calendar().FirstDayIn(calendar().PeriodOf(day));
    MonthSoFar month = {now,
                        calendar().Start(first),
                        calendar().Start(calendar().NextPeriodAfter(day)),
                        calendar().Start(day),
                        today,
                        today};
    for (const DatedVolume& row : past_.access[1].days) {
      if (row.first >= first && row.first < day) month.month += row.volume.sum();
    }
    return month;
  }

  ForecastBasis BasisAt(Instant now) const { return ForecastBasisOf(past_, first_read(now), now); }
  const TenantCalendar& calendar() const { return past_.profile.calendar; }

 private:
  Day first_read(Instant now) const { return calendar().DayAt(now) - 64; }

  TenantPast past_;
};

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '|');) {
    const size_t begin = cell.find_first_not_of(' ');
    cells.push_back(begin == std::string::npos
                        ? ""
                        : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return cells;
}

std::string Megabytes(const std::optional<uint64_t>& bytes) {
  if (!bytes) return "-";
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(*bytes) / 1e6;
  return text.str();
}

std::string Local(const TenantCalendar& calendar, const std::optional<Instant>& at) {
  if (!at) return "-";
  return FormatInstant(*at + calendar.OffsetAt(*at)).substr(0, 16);
}

Instant FromLocal(const Zone& zone, const std::string& text) {
  const Instant as_utc = Zone::Utc().Start(DayOf(text)) +
                         std::chrono::hours(std::stoi(text.substr(11, 2))) +
                         std::chrono::minutes(std::stoi(text.substr(14, 2)));
  return as_utc - zone.OffsetAt(as_utc - zone.OffsetAt(as_utc));
}

// Adds the days from `first` to yesterday, by a week's megabytes from Monday to Sunday.
void AddWeeks(const std::string& first, const std::string& week, Day today, World* world) {
  if (first == "-") return;
  std::istringstream numbers(week);
  std::vector<uint64_t> megabytes;
  for (uint64_t n; numbers >> n;) megabytes.push_back(n);
  for (Day day = DayOf(first); day < today; day = day + 1) {
    const auto weekday = static_cast<size_t>(day.number + 3) % 7;  // 1970-01-01: a Thursday
    world->Add(day, megabytes[weekday % megabytes.size()] * kMega);
  }
}

// The line with what comes of it in its last two cells.
std::string Answered(const std::string& line) {
  std::vector<std::string> cells = Cells(line);
  World world(cells.at(1), std::stoi(cells.at(2)));
  const Instant now = FromLocal(ZoneOf(cells.at(1)), cells.at(5));
  AddWeeks(cells.at(3), cells.at(4), world.calendar().DayAt(now), &world);
  std::optional<uint64_t> quota;
  if (cells.at(7) != "-") quota = std::stoull(cells.at(7)) * kMega;
  const Forecast forecast =
      ForecastOf(world.BasisAt(now), world.At(now, std::stoull(cells.at(6)) * kMega), quota);
  return line.substr(0, line.rfind('|', line.rfind('|') - 1)) + "| " + Megabytes(forecast.bytes) +
         " | " + Local(world.calendar(), forecast.exhausted_at);
}

TEST(ForecastTest, EachCaseOfTheTable) {
  const std::string path = USAGE_SOURCE_DIR "/tests/ledger/forecast_cases.txt";
  std::istringstream table(testing::ReadFile(path));
  std::string answered;
  for (std::string line; std::getline(table, line);) {
    answered += (line.empty() || line[0] == '#' ? line : Answered(line)) + "\n";
  }
  testing::ExpectGolden(path, answered);
}

Instant Utc(const std::string& text) { return FromLocal(Zone::Utc(), text); }

// "11-02T00:00 10.0", a line each.
std::string Text(const std::vector<CurveStop>& curve) {
  std::string text;
  for (const CurveStop& stop : curve) {
    text += FormatInstant(stop.at).substr(5, 11) + " " + Megabytes(stop.bytes) + "\n";
  }
  return text;
}

World EvenDays(uint64_t megabytes) {
  World world("UTC", 26);
  for (Day day = D(2026, 9, 1); day <= D(2026, 11, 22); day = day + 1)
    world.Add(day, megabytes * kMega);
  return world;
}

TEST(ForecastTest, OneCurveHoldsThePastTodayAndWhatComes) {
  World world("UTC", 20);
  for (int day = 13; day < 23; ++day) world.Add(D(2026, 11, day), 10 * kMega);
  const Instant now = Utc("2026-11-23T18:00");
  const std::string text = Text(ForecastCurve(world.BasisAt(now), world.At(now, 9 * kMega)));
  EXPECT_EQ(text.substr(0, text.find("11-26")),
            "11-20T00:00 0.0\n11-21T00:00 10.0\n11-22T00:00 20.0\n11-23T00:00 30.0\n"
            "11-23T18:00 39.0\n11-24T00:00 41.5\n11-25T00:00 51.5\n");
  EXPECT_EQ(text.substr(text.rfind("12-20")), "12-20T00:00 301.5\n");
}

// The ledger has days more than the tables when these were read, or bytes that came late.
TEST(ForecastTest, WhatTheTablesLackIsBookedAfterTheirLastDay) {
  World world = EvenDays(10);
  const ForecastBasis old = world.BasisAt(Utc("2026-10-28T12:00"));
  MonthSoFar month = world.At(Utc("2026-10-31T12:00"), 5 * kMega);
  const std::string text = Text(ForecastCurve(old, month));
  EXPECT_EQ(text.substr(0, text.find("11-01")),
            "10-26T00:00 0.0\n10-27T00:00 10.0\n10-28T00:00 20.0\n10-31T00:00 50.0\n"
            "10-31T12:00 55.0\n");
  EXPECT_EQ(Megabytes(ForecastOf(old, month, std::nullopt).bytes), "310.0");
  month.month += 7 * kMega;
  EXPECT_EQ(Megabytes(ForecastOf(old, month, std::nullopt).bytes), "317.0");
}

TEST(ForecastTest, ABasisOfAnotherMonthForecastsNothingButThePastStands) {
  World world = EvenDays(10);
  const ForecastBasis old = world.BasisAt(Utc("2026-10-25T23:59"));
  const MonthSoFar month = world.At(Utc("2026-11-05T12:00"), 5 * kMega);
  const Forecast forecast = ForecastOf(old, month, 50 * kMega);
  EXPECT_EQ(forecast.bytes, std::nullopt);
  EXPECT_EQ(forecast.exhausted_at, Utc("2026-10-31T00:00"));
  EXPECT_EQ(ForecastOf(old, month, 106 * kMega).exhausted_at, std::nullopt);
}

// The rows of the tables are 63 bits each way; what is beyond 64 is as much as can be shown.
TEST(ForecastTest, HugeNumbersStayAtTheEndOfTheRange) {
  World world("UTC", 1);
  for (int day = 1; day < 23; ++day) world.Add(D(2026, 11, day), UINT64_MAX / 25);
  const Instant now = Utc("2026-11-23T12:00");
  const Forecast forecast =
      ForecastOf(world.BasisAt(now), world.At(now, UINT64_MAX / 50), UINT64_MAX);
  EXPECT_EQ(forecast.bytes, UINT64_MAX);
  EXPECT_EQ(Local(world.calendar(), forecast.exhausted_at), "2026-11-26T00:00");
}

class RandomMonths {
 public:
  explicit RandomMonths(unsigned seed) : random_(seed) {}

  World NewWorld() {
    static const char* const kZones[] = {"UTC",          "Africa/Nairobi", "Europe/Berlin",
                                         "Africa/Cairo", "Asia/Kathmandu", "America/St_Johns"};
    World world(kZones[Below(6)], 1 + static_cast<int>(Below(31)));
    const Day today = D(2026, 1, 1) + static_cast<int>(Below(365));
    now_ = world.calendar().Start(today) + Duration(static_cast<int64_t>(Below(86'400'000'000)));
    const Day first = today - static_cast<int>(Below(60));
    for (Day day = first; day < world.calendar().DayAt(now_); day = day + 1) {
      if (Below(4) != 0) world.Add(day, Below(uint64_t{1} << Below(50)));
    }
    return world;
  }
  Instant now() const { return now_; }
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

 private:
  std::mt19937_64 random_;
  Instant now_;
};

bool Climbs(const std::vector<CurveStop>& curve) {
  return std::is_sorted(curve.begin(), curve.end(), [](const CurveStop& a, const CurveStop& b) {
    return a.at < b.at || a.bytes < b.bytes;
  });
}

TEST(ForecastTest, TheCurveNeverFallsAndPassesWhatWasUsed) {
  RandomMonths months(6);
  for (int i = 0; i < 2000; ++i) {
    SCOPED_TRACE(i);
    const World world = months.NewWorld();
    const ForecastBasis basis = world.BasisAt(months.now());
    const MonthSoFar month = world.At(months.now(), months.Below(uint64_t{1} << 40));
    const std::vector<CurveStop> curve = ForecastCurve(basis, month);
    EXPECT_TRUE(Climbs(curve)) << Text(curve);
    EXPECT_EQ(curve.front(), (CurveStop{month.month_start, 0}));
    EXPECT_NE(std::find(curve.begin(), curve.end(), CurveStop{month.now, month.month}),
              curve.end());
    const uint64_t quota = months.Below(month.month + 2);
    const Forecast forecast = ForecastOf(basis, month, quota);
    EXPECT_GE(forecast.bytes.value_or(month.month), month.month);
    EXPECT_EQ(forecast.exhausted_at && *forecast.exhausted_at <= month.now, month.month >= quota);
  }
}

}  // namespace
}  // namespace usage
