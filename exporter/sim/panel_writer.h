// Writes batches on a thread of its own, so that a slow or absent database holds up nobody else.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "sim/panel_store.h"

namespace usage::sim {

// Takes one batch at a time and tries until it is written. Methods: one thread.
class PanelWriter {
 public:
  explicit PanelWriter(std::string dsn);
  // Gives up a batch that is not written yet.
  ~PanelWriter();
  PanelWriter(const PanelWriter&) = delete;
  PanelWriter& operator=(const PanelWriter&) = delete;

  void Submit(PanelBatch batch);  // only when !is_writing()
  bool is_writing() const;        // from Submit until Finished says so
  // True once for each batch that has been committed.
  bool Finished();
  std::string last_error() const;  // "": the last try worked

 private:
  enum class State { kIdle, kWriting, kDone, kStopping };

  void Run();
  bool TryWrite(PanelStore& store, const PanelBatch& batch);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kIdle;  // guarded by mutex_, as the next two
  PanelBatch batch_;
  std::string last_error_;
  std::string dsn_;
  std::thread thread_;
};

}  // namespace usage::sim
