// The pages that /metrics and /metrics/history serve.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "metrics/exposition.h"
#include "metrics/hub.h"

namespace usage {

struct Page {
  std::string_view content_type;
  std::shared_ptr<const std::string> body;  // never null
};

// The newest snapshot or history in both formats, plain and compressed. Each of the four is made
// when it is first asked for, by the thread that asks, and once per content; who asks meanwhile
// waits for it. Nothing else is waited for: no cycle, no database. Thread-safe; pages may outlive
// it.
template <typename Content>
class PagesOf {
 public:
  // `hub` is to outlive it.
  explicit PagesOf(const Hub<Content>& hub);
  ~PagesOf();

  // Before the first content: a page without metrics.
  Page Get(Format format, bool gzip) const;

 private:
  class Maker;
  class Pages;
  std::shared_ptr<Pages> Newest() const;

  const Hub<Content>& hub_;
  const std::unique_ptr<Maker> maker_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<Pages> newest_;
};

using PageCache = PagesOf<Snapshot>;
using HistoryPages = PagesOf<History>;

}  // namespace usage
