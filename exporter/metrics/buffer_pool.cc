#include "metrics/buffer_pool.h"

#include <utility>

namespace usage {

std::shared_ptr<std::string> BufferPool::Take() {
  std::unique_ptr<std::string> buffer;
  {
    std::lock_guard lock(shelf_->mutex);
    if (!shelf_->spares.empty()) {
      buffer = std::move(shelf_->spares.back());
      shelf_->spares.pop_back();
    }
  }
  if (!buffer) buffer = std::make_unique<std::string>();
  return {buffer.release(), [shelf = shelf_](std::string* returned) {
            GiveBack(*shelf, std::unique_ptr<std::string>(returned));
          }};
}

void BufferPool::GiveBack(Shelf& shelf, std::unique_ptr<std::string> buffer) {
  // What most of the tenants have left is not kept at its old size.
  if (buffer->capacity() / 4 > buffer->size()) return;
  std::lock_guard lock(shelf.mutex);
  if (shelf.spares.size() < kMostSpares) shelf.spares.push_back(std::move(buffer));
}

}  // namespace usage
