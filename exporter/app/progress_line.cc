#include "app/progress_line.h"

#include <cmath>
#include <iomanip>
#include <sstream>

namespace usage {
namespace {

std::string Seconds(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
}

}  // namespace

void ProgressLine::Show(size_t done, size_t total, const std::string& what,
                        const std::string& note) {
  const Clock::time_point now = Clock::now();
  if (now < next_ && (!is_terminal_ || done < total)) return;
  next_ = now + (is_terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10));
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double rate = static_cast<double>(done) / std::max(seconds, 0.001);
  std::ostringstream line;
  line << done << " of " << total << " " << what << ", " << std::fixed << std::setprecision(1)
       << rate << " a second, " << Seconds(static_cast<double>(total - done) / rate)
       << " left: " << note;
  Clear();
  out_ << line.str() << (is_terminal_ ? "" : "\n") << std::flush;
  is_shown_ = is_terminal_;
}

void ProgressLine::Clear() {
  if (is_shown_) out_ << "\r\x1b[K" << std::flush;
  is_shown_ = false;
}

}  // namespace usage
