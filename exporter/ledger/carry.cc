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
  word_ = word;
  is_anchored_ = is_ahead_ = is_heard_ = false;
  mark_.reset();
  const bool has_start = began && *began < at;
  read_at_ = has_start ? *began : at;
  grown_ = has_start ? Volume{} : counted;
  kept_ = 1;
  if (has_start) Push(at, counted);
  usable_ = grown_;
  anchor_ = has_start ? GrownAt(std::max(word, *began)).value_or(Volume{}) : counted;
  if (began && word <= *began) Settle(anchor_);
}

void Carry::Shift(Volume offset) {
  grown_ += offset;
  usable_ += offset;
  anchor_ += offset;
}

void Carry::Read(Instant at, Volume growth, const CarryRules& rules) {
  if (at <= read_at_) return;
  Push(at, growth);
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
  KeepMark();
  booked_ = booked;
  if (!has_begun()) return;
  is_heard_ = true;
  word_ = std::max(word_, word);
  SetAnchor(growth);
  Bound(rules);
}

void Carry::KeepMark() {
  if (is_anchored_ && !mark_) mark_ = std::make_unique<Mark>(Mark{anchor_, booked_});
}

void Carry::GiveUp() {
  if (anchor_ == usable_) return;
  KeepMark();
  anchor_ = usable_;
}

// A word that is ahead of the readings has everything that they know.
void Carry::SetAnchor(Volume growth) {
  is_ahead_ = word_ > read_at_;
  if (const auto grown_then = GrownAt(word_)) {
    is_ahead_ ? void(anchor_ = *grown_then) : Settle(*grown_then);
  } else if (is_anchored_) {
    anchor_ = Least(grown_, anchor_ + growth);
  }
}

// From the first time on the two can be compared.
void Carry::Settle(Volume anchor) {
  anchor_ = anchor;
  is_anchored_ = true;
}

std::optional<Compared> Carry::Compare(bool is_last) {
  if (!is_anchored_ || (is_ahead_ && !is_last)) return std::nullopt;
  const Mark before = mark_ ? *mark_ : Mark{anchor_, booked_};
  mark_.reset();
  is_heard_ = false;
  Compared compared;
  compared.router = PositivePart(Difference(is_last ? grown_ : anchor_, before.router));
  compared.accounting = PositivePart(Difference(booked_, before.booked));
  compared.unread = unread();
  return compared;
}

Volume Carry::uncompared() const {
  if (!is_anchored_) return {};
  return PositivePart(Difference(grown_, mark_ ? mark_->router : anchor_));
}

std::optional<Carry::Rate> Carry::RateOver(Duration window) const {
  Duration time{0};
  Volume growth;
  for (size_t i = 0; i + 1 < kept_; ++i) {
    const Duration longer = time + std::chrono::milliseconds(earlier_[i].milliseconds);
    if (longer > window) break;
    time = longer;
    growth += {earlier_[i].upload, earlier_[i].download};
  }
  if (time == Duration(0)) return std::nullopt;
  const double seconds = std::chrono::duration<double>(time).count();
  return Rate{static_cast<double>(growth.upload) / seconds,
              static_cast<double>(growth.download) / seconds};
}

// What does not fit is too large or too long ago to be of use between two readings.
void Carry::Push(Instant at, Volume growth) {
  const auto passed = std::chrono::ceil<std::chrono::milliseconds>(at - read_at_).count();
  const auto largest = std::max(growth.upload, growth.download);
  const bool fits = passed <= UINT32_MAX && largest <= UINT32_MAX;
  earlier_[1] = earlier_[0];
  earlier_[0] = {static_cast<uint32_t>(passed), static_cast<uint32_t>(growth.upload),
                 static_cast<uint32_t>(growth.download)};
  kept_ = fits ? static_cast<uint8_t>(std::min<size_t>(kept_ + 1U, kEarlier + 1)) : 1;
  read_at_ = at;
  grown_ += growth;
}

// Straight between two readings; nothing flows after the last one that was seen.
std::optional<Volume> Carry::GrownAt(Instant t) const {
  Instant to = read_at_;
  Volume grown = grown_;
  for (size_t i = 0; t < to; ++i) {
    if (i + 1 >= kept_) return std::nullopt;
    const Duration span = std::chrono::milliseconds(earlier_[i].milliseconds);
    const Duration part = std::min<Duration>(to - t, span);
    grown -= {Part(earlier_[i].upload, part, span), Part(earlier_[i].download, part, span)};
    to -= span;
  }
  return grown;
}

}  // namespace usage
