// Compression of whole pages.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct libdeflate_compressor;

namespace usage {

// Compresses text after text into the gzip format (RFC 1952). Not thread-safe.
//
// By libdeflate and not zlib: the page is whole, and so it takes little more than half the time and
// becomes smaller. (Measured: tests/bench/exposition.)
class Gzip {
 public:
  // The fastest: the next ones take longer for little.
  static constexpr int kLevel = 1;

  explicit Gzip(int level = kLevel);

  // Overwrites `out`, whose memory is used again.
  void Compress(std::string_view text, std::string& out);

 private:
  // False: the compressed text is longer than `size`.
  bool Fits(std::string_view text, size_t size, std::string& out);

  struct Free {
    void operator()(libdeflate_compressor* compressor) const;
  };
  std::unique_ptr<libdeflate_compressor, Free> compressor_;
};

}  // namespace usage
