#include "metrics/page.h"

#include <array>
#include <mutex>
#include <utility>

#include "metrics/buffer_pool.h"
#include "metrics/gzip.h"

namespace usage {
namespace {

using Body = std::shared_ptr<const std::string>;

constexpr size_t kFormats = 2;

Body WithoutMetrics(Format format) {
  return std::make_shared<const std::string>(format == Format::kOpenMetrics ? "# EOF\n" : "");
}

}  // namespace

// What is kept from one snapshot to the next. Who renders takes turns, and so does who compresses,
// but the one does not wait for the other: compressing takes far longer.
class PageCache::Maker {
 public:
  Body Render(const Snapshot& snapshot, Format format) {
    std::lock_guard lock(render_mutex_);
    const std::shared_ptr<std::string> page = pages_.Take();
    exposition_.Render(snapshot, format, *page);
    return page;
  }

  Body Compress(const std::string& text) {
    std::lock_guard lock(gzip_mutex_);
    const std::shared_ptr<std::string> page = compressed_.Take();
    gzip_.Compress(text, *page);
    return page;
  }

 private:
  std::mutex render_mutex_;
  Exposition exposition_;
  BufferPool pages_;
  std::mutex gzip_mutex_;
  Gzip gzip_;
  BufferPool compressed_;
};

// The four pages of one snapshot; of none, if it is null.
class PageCache::Pages {
 public:
  Pages(SnapshotPtr snapshot, Maker& maker) : snapshot_(std::move(snapshot)), maker_(maker) {}

  const SnapshotPtr& snapshot() const { return snapshot_; }

  Body Get(Format format, bool gzip) {
    OneFormat& one = formats_[static_cast<size_t>(format)];
    std::call_once(one.rendered, [&] { one.plain = Plain(format); });
    if (!gzip) return one.plain;
    std::call_once(one.compressed, [&] { one.gzip = maker_.Compress(*one.plain); });
    return one.gzip;
  }

 private:
  struct OneFormat {
    std::once_flag rendered, compressed;
    Body plain, gzip;
  };

  Body Plain(Format format) {
    return snapshot_ ? maker_.Render(*snapshot_, format) : WithoutMetrics(format);
  }

  const SnapshotPtr snapshot_;
  Maker& maker_;
  std::array<OneFormat, kFormats> formats_;
};

PageCache::PageCache(const SnapshotHub& hub) : hub_(hub), maker_(std::make_unique<Maker>()) {}
PageCache::~PageCache() = default;

Page PageCache::Get(Format format, bool gzip) const {
  return {ContentType(format), Newest()->Get(format, gzip)};
}

std::shared_ptr<PageCache::Pages> PageCache::Newest() const {
  std::shared_ptr<Pages> old;  // freed after the lock; its memory is there for the new pages
  std::lock_guard lock(mutex_);
  SnapshotPtr snapshot = hub_.Latest();
  if (!newest_ || newest_->snapshot() != snapshot) {
    old = std::exchange(newest_, std::make_shared<Pages>(std::move(snapshot), *maker_));
  }
  return newest_;
}

}  // namespace usage
