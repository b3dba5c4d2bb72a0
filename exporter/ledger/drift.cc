#include "ledger/drift.h"

#include <algorithm>

namespace usage {
namespace {

// Half of an upload of nothing but acknowledgements may be headers; of anything larger it is less.
constexpr double kMostHeaders = 0.5;
// The other way about, accounting counts what the router does not.
constexpr double kMostHeadersLess = 0.1;

struct Split {
  int64_t unseen = 0;  // never positive
  int64_t rest = 0;
  int64_t seen = 0;  // of accounting's

  DriftCause cause() const;  // of the rest
};

// Of what accounting has after the last reading, the router would have counted `counted` times.
int64_t UnseenOf(uint64_t router, uint64_t accounting, double counted) {
  const double expected = static_cast<double>(accounting) * counted;
  const double missing = (expected - static_cast<double>(router)) / counted;
  return -static_cast<int64_t>(std::clamp(missing, 0.0, static_cast<double>(accounting)));
}

// A megabyte has a thousand packets in it.
double RatioOf(uint64_t router, uint64_t accounting) {
  if (accounting < 1'000'000) return 1;
  const double ratio = static_cast<double>(router) / static_cast<double>(accounting);
  return std::clamp(ratio, 1.0, 1 + kMostHeaders);
}

DriftCause CauseOf(int64_t rest, int64_t seen) {
  const auto difference = static_cast<double>(rest), accounting = static_cast<double>(seen);
  if (difference > kMostHeaders * accounting) return DriftCause::kOther;
  if (difference >= -kMostHeadersLess * accounting) return DriftCause::kHeaders;
  return DriftCause::kOffload;
}

Split SplitOf(uint64_t router, uint64_t accounting, bool is_unread, double counted) {
  Split split;
  if (is_unread) split.unseen = UnseenOf(router, accounting, counted);
  split.rest = static_cast<int64_t>(router - accounting) - split.unseen;
  split.seen = static_cast<int64_t>(accounting) + split.unseen;
  return split;
}

DriftCause Split::cause() const { return CauseOf(rest, seen); }

struct Splits {
  Split up, down;

  Splits(const Compared& compared, CountRatio counted)
      : up(SplitOf(compared.router.upload, compared.accounting.upload, IsUnread(compared),
                   counted.upload)),
        down(SplitOf(compared.router.download, compared.accounting.download, IsUnread(compared),
                     counted.download)) {}

  static bool IsUnread(const Compared& compared) { return compared.unread > Duration(0); }
};

}  // namespace

std::string_view DriftCauseName(DriftCause cause) {
  constexpr std::string_view kNames[] = {"headers", "lost_stop", "unknown_session",
                                         "offload", "unseen",    "other"};
  return kNames[static_cast<size_t>(cause)];
}

void DriftTally::Add(const Compared& compared, CountRatio counted) {
  const Splits split(compared, counted);
  Of(DriftCause::kUnseen) += {split.up.unseen, split.down.unseen};
  Of(split.up.cause()).upload += split.up.rest;
  Of(split.down.cause()).download += split.down.rest;
  router_ += compared.router;
  accounting_ += compared.accounting;
}

void DriftTally::AddPart(const Compared& compared, CountRatio counted) {
  const Splits split(compared, counted);
  Of(DriftCause::kUnseen) += {split.up.unseen, split.down.unseen};
  parts_.rest += {split.up.rest, split.down.rest};
  parts_.seen += {split.up.seen, split.down.seen};
  router_ += compared.router;
  accounting_ += compared.accounting;
}

Balance DriftTally::by(DriftCause cause) const {
  Balance sum = causes_[static_cast<size_t>(cause)];
  if (CauseOf(parts_.rest.upload, parts_.seen.upload) == cause) sum.upload += parts_.rest.upload;
  if (CauseOf(parts_.rest.download, parts_.seen.download) == cause) {
    sum.download += parts_.rest.download;
  }
  return sum;
}

CountRatio DriftTally::ratio() const {
  return {RatioOf(router_.upload, accounting_.upload),
          RatioOf(router_.download, accounting_.download)};
}

void DriftTally::AddRouters(DriftCause cause, Volume router) {
  causes_[static_cast<size_t>(cause)] += Difference(router, {});
  router_ += router;
}

}  // namespace usage
