#include "metrics/gzip.h"

#include <libdeflate.h>

#include <algorithm>
#include <new>

namespace usage {

Gzip::Gzip(int level) : compressor_(libdeflate_alloc_compressor(level)) {
  if (compressor_ == nullptr) throw std::bad_alloc();
}

void Gzip::Free::operator()(libdeflate_compressor* compressor) const {
  libdeflate_free_compressor(compressor);
}

bool Gzip::Fits(std::string_view text, size_t size, std::string& out) {
  out.resize(size);
  const size_t written =
      libdeflate_gzip_compress(compressor_.get(), text.data(), text.size(), out.data(), size);
  out.resize(written);
  return written > 0;
}

// A page becomes a sixth; memory for the worst case would be found and cleared in vain.
void Gzip::Compress(std::string_view text, std::string& out) {
  if (Fits(text, std::max(out.capacity(), text.size() / 4), out)) return;
  Fits(text, libdeflate_gzip_compress_bound(compressor_.get(), text.size()), out);
}

}  // namespace usage
