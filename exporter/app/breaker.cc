#include "app/breaker.h"

#include <algorithm>

namespace usage {

void Breaker::Failed(Time now) {
  if (++failures_ < kFailures) return;
  const auto longest = std::max(kLongestRest, interval_);
  rest_ = failures_ == kFailures ? 2 * interval_ : 2 * rest_;
  rest_ = std::min(rest_, longest);
  rests_until_ = now + rest_;
}

}  // namespace usage
