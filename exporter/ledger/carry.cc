#include "ledger/carry.h"

namespace usage {
namespace {

uint64_t Part(uint64_t bytes, Duration part, Duration whole) {
  return static_cast<uint64_t>(static_cast<Wide>(bytes) * static_cast<uint64_t>(part.count()) /
                               static_cast<uint64_t>(whole.count()));
}

Volume Least(Volume a, Volume b) {
  return {std::min(a.upload, b.upload), std::min(a.download, b.download)};
}

}  // namespace

void Carry::Begin(Instant at, Volume counted, std::optional<Instant> began, Instant word) {
  kept_ = 0;
  word_ = word;
  is_anchored_ = is_ahead_ = false;
  if (began && *began < at) Push({*began, {}});
  Push({at, counted});
  usable_ = counted;
  anchor_ = began ? GrownAt(std::max(word, *began)).value_or(counted) : counted;
  if (began && word <= *began) Settle(anchor_);
}

void Carry::Read(Instant at, Volume growth, const CarryRules& rules) {
  if (at <= read_at()) return;
  Push({at, grown() + growth});
  if (is_ahead_ && word_ <= at) SetAnchor({});
  if (at - word_ <= rules.silence) Bound(rules);
}

void Carry::Bound(const CarryRules& rules) {
  const Duration silence = std::max(read_at() - word_, Duration(0));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(silence).count();
  const uint64_t most = rules.line_bits_per_second / 8 * static_cast<uint64_t>(seconds);
  usable_ = Least(grown(), anchor_ + Volume{most, most});
}

void Carry::Hear(Volume booked, Instant word, const CarryRules& rules) {
  const Volume growth = PositivePart(Difference(booked, booked_));
  booked_ = booked;
  if (!has_begun()) return;
  word_ = std::max(word_, word);
  SetAnchor(growth);
  Bound(rules);
}

// A word that is ahead of the readings has everything that they know.
void Carry::SetAnchor(Volume growth) {
  is_ahead_ = word_ > read_at();
  if (const auto grown_then = GrownAt(word_)) {
    is_ahead_ ? void(anchor_ = *grown_then) : Settle(*grown_then);
  } else if (is_anchored_) {
    anchor_ = Least(grown(), anchor_ + growth);
  }
}

// From the first time on the two can be compared.
void Carry::Settle(Volume anchor) {
  anchor_ = anchor;
  if (is_anchored_) return;
  is_anchored_ = true;
  compared_router_ = anchor_;
  compared_booked_ = booked_;
}

std::optional<Compared> Carry::Compare(bool is_last) {
  if (!is_anchored_ || (is_ahead_ && !is_last)) return std::nullopt;
  Compared compared;
  const Volume router = is_last ? grown() : anchor_;
  compared.router = PositivePart(Difference(router, compared_router_));
  compared.accounting = PositivePart(Difference(booked_, compared_booked_));
  compared.unread = unread();
  compared_router_ = router;
  compared_booked_ = booked_;
  return compared;
}

std::optional<Carry::Rate> Carry::RateOver(Duration window) const {
  const Reading& last = readings_[0];
  size_t oldest = 0;
  while (oldest + 1 < kept_ && last.at - readings_[oldest + 1].at <= window) ++oldest;
  if (oldest == 0) return std::nullopt;
  const Volume growth = last.grown - readings_[oldest].grown;
  const double seconds = std::chrono::duration<double>(last.at - readings_[oldest].at).count();
  return Rate{static_cast<double>(growth.upload) / seconds,
              static_cast<double>(growth.download) / seconds};
}

void Carry::Push(Reading reading) {
  std::move_backward(readings_.begin(), readings_.end() - 1, readings_.end());
  readings_[0] = reading;
  if (kept_ < kReadings) ++kept_;
}

// Straight between two readings; nothing flows after the last one that was seen.
std::optional<Volume> Carry::GrownAt(Instant t) const {
  if (t >= read_at()) return grown();
  for (size_t i = 1; i < kept_; ++i) {
    const Reading &from = readings_[i], &to = readings_[i - 1];
    if (t < from.at) continue;
    const Volume growth = to.grown - from.grown;
    return from.grown + Volume{Part(growth.upload, t - from.at, to.at - from.at),
                               Part(growth.download, t - from.at, to.at - from.at)};
  }
  return std::nullopt;
}

}  // namespace usage
