#include "sim/panel_writer.h"

namespace usage::sim {

PanelWriter::PanelWriter(std::string dsn) : dsn_(std::move(dsn)), thread_([this] { Run(); }) {}

PanelWriter::~PanelWriter() {
  {
    std::lock_guard lock(mutex_);
    state_ = State::kStopping;
  }
  changed_.notify_all();
  thread_.join();
}

void PanelWriter::Submit(PanelBatch batch) {
  {
    std::lock_guard lock(mutex_);
    batch_ = std::move(batch);
    state_ = State::kWriting;
  }
  changed_.notify_all();
}

bool PanelWriter::is_writing() const {
  std::lock_guard lock(mutex_);
  return state_ != State::kIdle;
}

bool PanelWriter::Finished() {
  std::lock_guard lock(mutex_);
  if (state_ != State::kDone) return false;
  state_ = State::kIdle;
  return true;
}

std::string PanelWriter::last_error() const {
  std::lock_guard lock(mutex_);
  return last_error_;
}

bool PanelWriter::TryWrite(PanelStore& store, const PanelBatch& batch) {
  std::string error;
  try {
    store.Write(batch);
  } catch (const std::exception& failure) {
    error = failure.what();
  }
  std::lock_guard lock(mutex_);
  last_error_ = error;
  return error.empty();
}

void PanelWriter::Run() {
  PanelStore store(dsn_);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return state_ == State::kWriting || state_ == State::kStopping; });
    if (state_ == State::kStopping) return;
    lock.unlock();
    // Submit does not touch batch_ again before Finished.
    bool is_written = TryWrite(store, batch_);
    lock.lock();
    if (state_ == State::kStopping) return;
    if (is_written) {
      state_ = State::kDone;
    } else {
      changed_.wait_for(lock, std::chrono::milliseconds(500),
                        [this] { return state_ == State::kStopping; });
    }
  }
}

}  // namespace usage::sim
