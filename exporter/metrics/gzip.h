// Compression of whole pages.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace usage {

// Compresses text after text into the gzip format (RFC 1952). Keeps zlib's 256 KiB of state between
// them. Not thread-safe.
class Gzip {
 public:
  // zlib's fastest: the next ones take far longer for little. (Measured: tests/bench/exposition.)
  static constexpr int kLevel = 1;

  explicit Gzip(int level = kLevel);
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  // Overwrites `out`, whose memory is used again.
  void Compress(std::string_view text, std::string& out);

 private:
  z_stream stream_{};
};

}  // namespace usage
