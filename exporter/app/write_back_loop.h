// The write-back as a part of the running program: where it hears routers, and its thread.
#pragma once

#include <memory>

#include "app/fault_log.h"
#include "app/periodic.h"
#include "app/reading_shelf.h"
#include "app/write_back.h"

namespace usage {

// One thread starts and stops it.
class WriteBackLoop {
 public:
  // `config` has routers and their write_back; `next` hears routers before it. Opens no connection.
  // The references must outlive it.
  WriteBackLoop(const Config& config, const Clock& clock, RouterSink& next);

  void Start();
  // Lets a batch that is under way finish. Idempotent.
  void Stop() { steps_.reset(); }

  RouterSink& sink() { return shelf_; }
  const WriteBack& write_back() const { return write_back_; }

 private:
  void Step();

  const std::chrono::milliseconds pause_;
  ReadingShelf shelf_;
  WriteBack write_back_;
  FaultLog faults_;                  // the steps' thread's
  std::unique_ptr<Periodic> steps_;  // the last member: its thread uses the others
};

}  // namespace usage
