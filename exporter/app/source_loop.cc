#include "app/source_loop.h"

#include "app/log.h"

namespace usage {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

SourceLoop::SourceLoop(const SourceConfig& config, size_t index,
                       std::unique_ptr<SessionSource> source, const Clock& clock, Bookkeeper& books,
                       StatusBoard& board, Publisher& publisher)
    : name_(config.name),
      index_(index),
      source_(std::move(source)),
      clock_(clock),
      books_(books),
      board_(board),
      publisher_(publisher),
      feed_(MakeFeed(config)),
      periodic_(
          config.interval, [this](uint64_t missed) { Cycle(missed); }, [this] { Woken(); }) {
  if (feed_) feed_->Start();
}

std::unique_ptr<NotifyFeed> SourceLoop::MakeFeed(const SourceConfig& config) {
  if (!config.notify) return nullptr;
  NotifyFeed::Hooks hooks;
  hooks.wake = [this] { periodic_.Wake(); };
  hooks.note = [this](const std::string& error) {
    feed_faults_.Note("source " + name_ + ": listening for changes", error);
  };
  return std::make_unique<NotifyFeed>(config, hooks);
}

void SourceLoop::Stop() {
  if (feed_) feed_->Stop();
  periodic_.Stop();
}

void SourceLoop::Cycle(uint64_t missed) {
  auto begin = std::chrono::steady_clock::now();
  if (feed_) feed_->Forget();
  is_current_ = false;
  board_.Begin(index_, missed);
  try {
    SourceBatch batch = ReadAndBook();
    board_.Succeeded(index_, batch, SecondsSince(begin));
    is_current_ = true;
    faults_.Note("source " + name_, "");
    if (batch.advice != logged_advice_) {
      for (const auto& advice : batch.advice)
        Log(LogLevel::kWarn, "source " + name_ + ": " + advice);
      logged_advice_ = batch.advice;
    }
  } catch (const std::exception& e) {
    NoteFailure(e.what(), SecondsSince(begin));
  }
  Hear();
  publisher_.Publish();
}

void SourceLoop::Hear() {
  if (feed_) board_.Heard(index_, feed_->status());
}

// What goes wrong here is left to the next cycle, which reads everything.
void SourceLoop::Woken() {
  const NotifyFeed::Changes changes = feed_->Take();
  if (changes.all) return Cycle(0);
  if (!is_current_ || changes.keys.empty()) return;
  const auto begin = std::chrono::steady_clock::now();
  try {
    const SourceBatch batch = source_->ReadRows(changes.keys);
    Book(batch);
    board_.Woken(index_, batch);
    if (batch.observations.empty()) return;
  } catch (const std::exception& e) {
    is_current_ = false;
    NoteFailure(e.what(), SecondsSince(begin));
  }
  Hear();
  publisher_.Publish();
}

SourceBatch SourceLoop::ReadAndBook() {
  if (!is_resumed_) {
    source_->Resume(books_.Resume(name_));
    is_resumed_ = true;
  }
  SourceBatch batch = source_->Read();
  Book(batch);
  return batch;
}

// Rows that are as they were are no change to the books, but the cursor of a reading is.
void SourceLoop::Book(const SourceBatch& batch) {
  try {
    if (batch.whole || !batch.observations.empty()) books_.Book(batch);
  } catch (...) {
    source_->Reject();
    throw;
  }
  source_->Acknowledge();
}

void SourceLoop::NoteFailure(const std::string& error, double seconds) {
  board_.Failed(index_, error, clock_.Now(), seconds);
  faults_.Note("source " + name_, error);
}

}  // namespace usage
