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

// What is kept from one content to the next. Who renders takes turns, and so does who compresses,
// but the one does not wait for the other: compressing takes far longer.
template <typename Content>
class PagesOf<Content>::Maker {
 public:
  Body Render(const Content& content, Format format) {
    std::lock_guard lock(render_mutex_);
    const std::shared_ptr<std::string> page = pages_.Take();
    exposition_.Render(content, format, *page);
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

// The four pages of one content; of none, if it is null.
template <typename Content>
class PagesOf<Content>::Pages {
 public:
  using Ptr = Hub<Content>::Ptr;

  Pages(Ptr content, Maker& maker) : content_(std::move(content)), maker_(maker) {}

  const Ptr& content() const { return content_; }

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
    return content_ ? maker_.Render(*content_, format) : WithoutMetrics(format);
  }

  const Ptr content_;
  Maker& maker_;
  std::array<OneFormat, kFormats> formats_;
};

template <typename Content>
PagesOf<Content>::PagesOf(const Hub<Content>& hub) : hub_(hub), maker_(std::make_unique<Maker>()) {}
template <typename Content>
PagesOf<Content>::~PagesOf() = default;

template <typename Content>
Page PagesOf<Content>::Get(Format format, bool gzip) const {
  return {ContentType(format), Newest()->Get(format, gzip)};
}

template <typename Content>
auto PagesOf<Content>::Newest() const -> std::shared_ptr<Pages> {
  std::shared_ptr<Pages> old;  // freed after the lock; its memory is there for the new pages
  std::lock_guard lock(mutex_);
  typename Pages::Ptr content = hub_.Latest();
  if (!newest_ || newest_->content() != content) {
    old = std::exchange(newest_, std::make_shared<Pages>(std::move(content), *maker_));
  }
  return newest_;
}

template class PagesOf<Snapshot>;
template class PagesOf<History>;

}  // namespace usage
