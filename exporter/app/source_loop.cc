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
      periodic_(config.interval, [this](uint64_t missed) { Cycle(missed); }) {}

void SourceLoop::Cycle(uint64_t missed) {
  auto begin = std::chrono::steady_clock::now();
  board_.Begin(index_, missed);
  try {
    SourceBatch batch = ReadAndBook();
    board_.Succeeded(index_, batch, SecondsSince(begin));
    faults_.Note("source " + name_, "");
    if (batch.advice != logged_advice_) {
      for (const auto& advice : batch.advice)
        Log(LogLevel::kWarn, "source " + name_ + ": " + advice);
      logged_advice_ = batch.advice;
    }
  } catch (const std::exception& e) {
    NoteFailure(e.what(), SecondsSince(begin));
  }
  publisher_.Publish();
}

SourceBatch SourceLoop::ReadAndBook() {
  if (!is_resumed_) {
    source_->Resume(books_.Resume(name_));
    is_resumed_ = true;
  }
  SourceBatch batch = source_->Read();
  try {
    books_.Book(batch);
  } catch (...) {
    source_->Reject();
    throw;
  }
  source_->Acknowledge();
  return batch;
}

void SourceLoop::NoteFailure(const std::string& error, double seconds) {
  board_.Failed(index_, error, clock_.Now(), seconds);
  faults_.Note("source " + name_, error);
}

}  // namespace usage
