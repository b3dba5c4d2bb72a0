// Bytes by what they are of: one form for the truth, a page of metrics and the ledger's tables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"
#include "sim/truth.h"

namespace usage::sim {

enum class FigureKind { kTotal, kToday, kMonth, kDay, kSubscriberDay, kSubscriberToday };
const char* FigureKindName(FigureKind kind);

struct FigureKey {
  FigureKind kind = FigureKind::kTotal;
  std::string tenant;      // id
  std::string access;      // as it is written, known or not
  std::string day;         // "" where there is none
  std::string subscriber;  // "" where there is none

  friend auto operator<=>(const FigureKey&, const FigureKey&) = default;
};

using Figures = std::map<FigureKey, Volume>;

// The first day of the billing month that holds `day`; a month that lacks the day begins on its
// last one. The simulator's own calendar: it judges the ledger's.
Day BillingMonthOf(Day day, int billing_day);

// What the ledger's tables should hold: totals, days, subscribers' days.
Figures TableFigures(const Truth& truth);
// What a page of metrics should hold at `now`: totals, today, this month, and today of every
// subscriber.
Figures PageFigures(const Truth& truth, Instant now);

struct Difference {
  FigureKey key;
  Volume truth;
  Volume found;

  uint64_t bytes() const;  // off, both directions
};

// A figure that one side lacks is zero there. In key order. Without `with_unknown_tenants` what is
// found of tenants that the truth does not know is no difference.
std::vector<Difference> Compare(const Figures& truth, const Figures& found,
                                bool with_unknown_tenants);

// Pages show the largest subscribers by name and the rest of a tenant as "other": sums what
// `truth` has by the names that `found` shows.
Figures FoldOthers(const Figures& truth, const Figures& found);

}  // namespace usage::sim
