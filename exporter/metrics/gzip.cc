#include "metrics/gzip.h"

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

namespace usage {
namespace {

constexpr int kGzipFormat = 16;  // added to the window's bits, as zlib.h says
constexpr int kDefaultMemory = 8;
constexpr size_t kStep = 1 << 16;

Bytef* Bytes(const char* text) {
  // zlib does not write to its input, but takes it as not const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

uInt AtMost(size_t bytes) {
  return static_cast<uInt>(std::min<size_t>(bytes, std::numeric_limits<uInt>::max()));
}

}  // namespace

Gzip::Gzip(int level) {
  const int error = deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + kGzipFormat,
                                 kDefaultMemory, Z_DEFAULT_STRATEGY);
  if (error != Z_OK) throw std::bad_alloc();
}

Gzip::~Gzip() { deflateEnd(&stream_); }

void Gzip::Compress(std::string_view text, std::string& out) {
  deflateReset(&stream_);
  size_t read = 0, written = 0;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    if (out.size() - written < kStep) out.resize(written + 2 * kStep);
    stream_.next_in = Bytes(text.data() + read);
    stream_.avail_in = AtMost(text.size() - read);
    stream_.next_out = Bytes(out.data() + written);
    stream_.avail_out = AtMost(out.size() - written);
    const bool last = stream_.avail_in == text.size() - read;
    state = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
    if (state == Z_STREAM_ERROR) throw std::logic_error("gzip: zlib's state is broken");
    read = static_cast<size_t>(reinterpret_cast<const char*>(stream_.next_in) - text.data());
    written = static_cast<size_t>(reinterpret_cast<char*>(stream_.next_out) - out.data());
  }
  out.resize(written);
}

}  // namespace usage
