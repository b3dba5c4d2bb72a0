#include "app/poll_queue.h"

#include <algorithm>

namespace usage {

void PollQueue::Add(const std::string& name, Time now) {
  const auto [entry, is_new] = entries_.try_emplace(
      name, Entry{PollBeat(name, pace_.interval, now), Breaker(pace_.interval), now, std::nullopt});
  entry->second.is_gone = false;
}

void PollQueue::Remove(const std::string& name) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return;
  entry->second.is_gone = true;
  if (!entry->second.begun) entries_.erase(entry);
}

std::optional<PollQueue::Turn> PollQueue::Take(Time now) {
  const Load load = LoadAt(now);
  auto first = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const Entry& entry = it->second;
    if (entry.begun || entry.beat.due() > now || !HasRoom(entry, load)) continue;
    if (first == entries_.end() || entry.beat.due() < first->second.beat.due()) first = it;
  }
  if (first == entries_.end()) return std::nullopt;
  Entry& entry = first->second;
  entry.begun = now;
  entry.depth = now >= entry.details_due ? PollDepth::kAll : PollDepth::kRows;
  return Turn{first->first, entry.depth, entry.beat.Serve(now)};
}

void PollQueue::Done(const std::string& name, bool is_good, Time now) {
  Entry& entry = entries_.at(name);
  // Half an interval early, so that the beat on which they fall due is not missed by its jitter.
  if (is_good && entry.depth == PollDepth::kAll) {
    entry.details_due = *entry.begun + pace_.details - pace_.interval / 2;
  }
  entry.begun.reset();
  if (entry.is_gone) {
    entries_.erase(name);
  } else if (is_good) {
    entry.breaker.Succeeded();
  } else {
    entry.breaker.Failed(now);
    if (entry.breaker.is_resting()) entry.beat.SkipTo(entry.breaker.rests_until());
  }
}

PollQueue::Load PollQueue::LoadAt(Time now) const {
  Load load;
  for (const auto& [name, entry] : entries_) {
    if (!entry.begun) continue;
    ++load.all;
    if (*entry.begun + kSlow > now) ++load.young;
    if (entry.breaker.is_suspect()) ++load.suspect;
  }
  return load;
}

bool PollQueue::HasRoom(const Entry& entry, const Load& load) const {
  const auto concurrency = static_cast<size_t>(pace_.concurrency);
  if (load.young >= concurrency || load.all >= most()) return false;
  return !entry.breaker.is_suspect() || load.suspect < std::max<size_t>(1, concurrency / 4);
}

// A poll that ages makes room; one that ends is Done, and whoever calls that looks again.
PollQueue::Time PollQueue::NextLook(Time now) const {
  Time next = now + std::chrono::hours(1);
  for (const auto& [name, entry] : entries_) {
    const Time time = entry.begun ? *entry.begun + kSlow : entry.beat.due();
    if (time > now) next = std::min(next, time);
  }
  return next;
}

bool PollQueue::IsResting(const std::string& name) const {
  const auto entry = entries_.find(name);
  return entry != entries_.end() && entry->second.breaker.is_resting();
}

}  // namespace usage
