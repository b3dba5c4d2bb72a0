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
  DriftCause cause = DriftCause::kOther;  // of the rest
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

DriftCause CauseOf(int64_t rest, double accounting) {
  const auto difference = static_cast<double>(rest);
  if (difference > kMostHeaders * accounting) return DriftCause::kOther;
  if (difference >= -kMostHeadersLess * accounting) return DriftCause::kHeaders;
  return DriftCause::kOffload;
}

Split SplitOf(uint64_t router, uint64_t accounting, bool is_unread, double counted) {
  Split split;
  if (is_unread) split.unseen = UnseenOf(router, accounting, counted);
  split.rest = static_cast<int64_t>(router - accounting) - split.unseen;
  split.cause =
      CauseOf(split.rest, static_cast<double>(accounting) + static_cast<double>(split.unseen));
  return split;
}

}  // namespace

std::string_view DriftCauseName(DriftCause cause) {
  constexpr std::string_view kNames[] = {"headers", "lost_stop", "unknown_session",
                                         "offload", "unseen",    "other"};
  return kNames[static_cast<size_t>(cause)];
}

void DriftTally::Add(const Compared& compared, CountRatio counted) {
  const bool is_unread = compared.unread > Duration(0);
  const Split up =
      SplitOf(compared.router.upload, compared.accounting.upload, is_unread, counted.upload);
  const Split down =
      SplitOf(compared.router.download, compared.accounting.download, is_unread, counted.download);
  causes_[static_cast<size_t>(DriftCause::kUnseen)] += {up.unseen, down.unseen};
  causes_[static_cast<size_t>(up.cause)].upload += up.rest;
  causes_[static_cast<size_t>(down.cause)].download += down.rest;
  router_ += compared.router;
  accounting_ += compared.accounting;
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
