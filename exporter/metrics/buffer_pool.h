// Memory of pages, used again.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace usage {

// Hands out strings that come back by themselves when their last owner lets them go: a page of ten
// megabytes in fresh memory costs more page faults than rendering it. Thread-safe; the strings may
// outlive the pool.
class BufferPool {
 public:
  // A string with anything in it.
  std::shared_ptr<std::string> Take();

 private:
  // One page is out and one is being made; a slow reader may hold another one, which is freed.
  static constexpr size_t kMostSpares = 2;

  struct Shelf {
    std::mutex mutex;
    std::vector<std::unique_ptr<std::string>> spares;
  };
  static void GiveBack(Shelf& shelf, std::unique_ptr<std::string> buffer);

  std::shared_ptr<Shelf> shelf_ = std::make_shared<Shelf>();
};

}  // namespace usage
