#include "api/event_feed.h"

#include <charconv>

namespace usage {
namespace {

// How late a feed notices that it is destroyed while no snapshot comes.
constexpr std::chrono::milliseconds kPoll{250};

// The number behind "<boot>-"; 0 when the id is of another run or broken.
uint64_t SequenceOf(std::string_view id, std::string_view boot) {
  if (!id.starts_with(boot) || id.substr(boot.size(), 1) != "-") return 0;
  id.remove_prefix(boot.size() + 1);
  uint64_t sequence = 0;
  auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), sequence);
  return error == std::errc() && end == id.data() + id.size() ? sequence : 0;
}

bool WriteAll(HttpStreamWriter& writer, const std::vector<SharedText>& events) {
  for (const SharedText& event : events)
    if (!writer.Write(*event)) return false;
  return true;
}

}  // namespace

EventFeed::EventFeed(const SnapshotHub& hub, const Clock& clock, Options options)
    : hub_(hub),
      clock_(clock),
      options_(options),
      boot_(std::to_string(UnixMicros(SystemClock().Now()))),
      encoder_(boot_),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EventFeed::~EventFeed() = default;

void EventFeed::Run(const std::stop_token& stop) {
  SnapshotPtr last;
  while (!stop.stop_requested() && !hub_.closed()) {
    SnapshotPtr snapshot = hub_.WaitNewer(last, kPoll);
    if (!snapshot) continue;
    Add(snapshot);
    last = std::move(snapshot);
  }
}

void EventFeed::Add(const SnapshotPtr& snapshot) {
  Frame frame = encoder_.Encode(*snapshot, clock_.Now());
  std::lock_guard lock(mutex_);
  if (!frames_.empty()) frames_.back().full = nullptr;
  frames_.push_back(std::move(frame));
  if (frames_.size() > options_.frames_kept) frames_.pop_front();
  added_.notify_all();
}

// The only event that is made for one client: frames may be a cycle old, ages are counted from now.
std::string EventFeed::Greeting() const {
  return "retry: " + std::to_string(options_.retry.count()) +
         "\nevent: hello\ndata: {\"now\":" + std::to_string(UnixMicros(clock_.Now()) / 1000) +
         "}\n\n";
}

uint64_t EventFeed::Resume(const std::string& last_event_id) const {
  uint64_t seen = SequenceOf(last_event_id, boot_);
  std::lock_guard lock(mutex_);
  return frames_.empty() || seen > frames_.back().sequence ? 0 : seen;
}

EventFeed::Batch EventFeed::After(uint64_t seen) const {
  if (frames_.empty() || frames_.back().sequence <= seen) return {};
  Batch batch{{}, frames_.back().sequence};
  bool gap = seen == 0 || seen + 1 < frames_.front().sequence;
  if (gap) batch.events.push_back(frames_.back().full);
  for (const Frame& frame : frames_)
    if (!gap && frame.sequence > seen) batch.events.push_back(frame.delta);
  return batch;
}

EventFeed::Batch EventFeed::WaitAfter(uint64_t seen, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  auto newer = [&] { return !frames_.empty() && frames_.back().sequence > seen; };
  added_.wait_for(lock, std::move(stop), options_.heartbeat, newer);
  return After(seen);
}

void EventFeed::Serve(HttpStreamWriter& writer, const std::string& last_event_id) const {
  uint64_t seen = Resume(last_event_id);
  bool open = writer.Write(Greeting());
  while (open && !writer.stop().stop_requested()) {
    Batch batch = WaitAfter(seen, writer.stop());
    if (batch.events.empty()) {
      open = writer.Write(": still here\n\n");
    } else {
      open = WriteAll(writer, batch.events);
      seen = batch.upto;
    }
  }
}

}  // namespace usage
