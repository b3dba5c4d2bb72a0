#include "metrics/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <thread>
#include <vector>

#include "metrics/buffer_pool.h"
#include "metrics/gzip.h"
#include "tests/metrics/handmade.h"
#include "tests/metrics/scrape.h"

namespace usage {
namespace {

constexpr Format kBoth[] = {Format::kText, Format::kOpenMetrics};

// By zlib, which refuses what is no gzip, what is cut off and what has a wrong checksum.
std::string Gunzip(const std::string& compressed) {
  std::string text(size_t{8} << 20, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string input = compressed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

// Every number of bytes in it is `n`, so that a page made of two snapshots would show.
SnapshotPtr Uniform(uint64_t n) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->exporter.cycles = n;
  for (int i = 0; i < 20; ++i) {
    TenantUsage& tenant = snapshot->tenants.emplace_back();
    tenant.id = std::to_string(100 + i);
    AccessUsage& usage = tenant.access[0].emplace();
    usage.total = usage.today = usage.month = {n, n};
  }
  return snapshot;
}

TEST(PageCache, ServesBothFormatsPlainAndCompressed) {
  SnapshotHub hub;
  const PageCache pages(hub);
  hub.Publish(std::make_shared<Snapshot>(HandmadeSnapshot()));
  for (const Format format : kBoth) {
    EXPECT_EQ(pages.Get(format, false).content_type, ContentType(format));
    EXPECT_EQ(*pages.Get(format, false).body, FreshPage(HandmadeSnapshot(), format));
    EXPECT_EQ(Gunzip(*pages.Get(format, true).body), FreshPage(HandmadeSnapshot(), format));
  }
}

TEST(PageCache, ContentTypesAreThoseOfTheSpecifications) {
  EXPECT_EQ(ContentType(Format::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(Format::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

TEST(PageCache, ServesAPageWithoutMetricsBeforeTheFirstSnapshot) {
  SnapshotHub hub;
  const PageCache pages(hub);
  for (const Format format : kBoth) {
    const std::string page = *pages.Get(format, false).body;
    EXPECT_TRUE(ReadPage(page, format).faults.empty());
    EXPECT_TRUE(ReadPage(page, format).families.empty());
    EXPECT_EQ(Gunzip(*pages.Get(format, true).body), page);
  }
}

TEST(PageCache, MakesEachPageOnceASnapshot) {
  SnapshotHub hub;
  const PageCache pages(hub);
  hub.Publish(Uniform(1));
  for (const bool gzip : {false, true}) {
    const auto first = pages.Get(Format::kText, gzip).body;
    EXPECT_EQ(pages.Get(Format::kText, gzip).body, first);
    EXPECT_NE(pages.Get(Format::kOpenMetrics, gzip).body, first);
  }
  const auto old = pages.Get(Format::kText, false).body;
  hub.Publish(Uniform(2));
  EXPECT_NE(pages.Get(Format::kText, false).body, old);
}

TEST(PageCache, APageThatIsStillBeingSentNeverChanges) {
  SnapshotHub hub;
  const PageCache pages(hub);
  hub.Publish(Uniform(1));
  const auto plain = pages.Get(Format::kText, false).body;
  const auto gzip = pages.Get(Format::kText, true).body;
  const std::string plain_text(plain->begin(), plain->end());
  const std::string gzip_text(gzip->begin(), gzip->end());
  for (uint64_t n = 2; n < 20; ++n) {
    hub.Publish(Uniform(n));
    pages.Get(Format::kText, true);
  }
  EXPECT_EQ(*plain, plain_text);
  EXPECT_EQ(*gzip, gzip_text);
}

TEST(PageCache, PagesOutliveIt) {
  std::shared_ptr<const std::string> body;
  {
    SnapshotHub hub;
    hub.Publish(Uniform(7));
    body = PageCache(hub).Get(Format::kText, true).body;
  }
  EXPECT_EQ(Gunzip(*body), FreshPage(*Uniform(7), Format::kText));
}

// The cycle that `page` shows, after a look at whether all of it shows that one.
uint64_t CycleOf(const std::string& page) {
  const size_t at = page.find("\nusage_exporter_cycles_total ");
  EXPECT_NE(at, page.npos);
  const uint64_t n = std::stoull(page.substr(page.find(' ', at)));
  EXPECT_EQ(page, FreshPage(*Uniform(n),
                            page.ends_with("# EOF\n") ? Format::kOpenMetrics : Format::kText));
  return n;
}

TEST(PageCache, ConcurrentScrapesSeeOneMomentEachAndNeverGoBack) {
  constexpr uint64_t kLast = 200;
  SnapshotHub hub;
  const PageCache pages(hub);
  hub.Publish(Uniform(1));
  std::vector<std::thread> scrapers;
  scrapers.reserve(6);
  for (int i = 0; i < 6; ++i) {
    scrapers.emplace_back([&, i] {
      const bool gzip = i % 3 == 0;
      for (uint64_t seen = 0; seen < kLast;) {
        const auto body = pages.Get(kBoth[i % 2], gzip).body;
        const uint64_t n = CycleOf(gzip ? Gunzip(*body) : *body);
        ASSERT_GE(n, seen);
        seen = n;
      }
    });
  }
  for (uint64_t n = 2; n <= kLast; ++n) {
    hub.Publish(Uniform(n));
    std::this_thread::yield();
  }
  for (std::thread& scraper : scrapers) scraper.join();
}

TEST(Gzip, WhatComesOutIsWhatWentInWhateverWasCompressedBefore) {
  Gzip gzip;
  std::string out;
  for (const size_t size : {0, 1, 300'000, 70, 5'000'000, 0}) {
    std::string text(size, 'x');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * i) >> 7);
    gzip.Compress(text, out);
    EXPECT_EQ(Gunzip(out), text);
  }
}

TEST(BufferPool, MemoryThatComesBackIsUsedAgain) {
  BufferPool pool;
  std::shared_ptr<std::string> buffer = pool.Take();
  buffer->assign(100'000, 'x');
  const char* memory = buffer->data();
  buffer.reset();
  EXPECT_EQ(pool.Take()->data(), memory);
}

TEST(BufferPool, DoesNotKeepMemoryThatIsMuchTooLarge) {
  BufferPool pool;
  std::shared_ptr<std::string> buffer = pool.Take();
  buffer->assign(100'000, 'x');
  buffer->resize(10);
  buffer.reset();
  EXPECT_LT(pool.Take()->capacity(), 100'000U);
}

TEST(BufferPool, HandsEachBufferToOneOnly) {
  BufferPool pool;
  const auto a = pool.Take(), b = pool.Take(), c = pool.Take();
  EXPECT_NE(a.get(), b.get());
  EXPECT_NE(b.get(), c.get());
}

}  // namespace
}  // namespace usage
