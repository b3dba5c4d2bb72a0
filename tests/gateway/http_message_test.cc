#include "net/http_message.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "gateway/api_values.h"
#include "gateway/form.h"

namespace usage::gateway {
namespace {

TEST(ChunkDecoderTest, TheContentDoesNotDependOnHowTheBytesArrive) {
  const std::string bytes = "5\r\nhello\r\nA\r\n, world!!!\r\n0\r\n\r\nnext";
  for (size_t step = 1; step <= bytes.size(); ++step) {
    ChunkDecoder decoder;
    std::string out, rest;
    auto state = ChunkDecoder::State::kMore;
    for (size_t at = 0; at < bytes.size(); at += step) {
      std::string_view piece = std::string_view(bytes).substr(at, step);
      if (state == ChunkDecoder::State::kMore) state = decoder.Feed(&piece, &out);
      rest += piece;
    }
    EXPECT_EQ(state, ChunkDecoder::State::kDone);
    EXPECT_EQ(out, "hello, world!!!");
    EXPECT_EQ(rest, "next");
  }
}

// Whatever comes in, what is taken as a request has these properties; a fuzzer's small brother.
TEST(HttpMessageTest, AMutatedHeadIsRefusedOrSound) {
  const std::string seed =
      "POST /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\n";
  static constexpr char kAlphabet[] = "\r\n\t :;,GPOST/1.0chunkedTransfer-Encoding\0\x7f\xff%#";
  const std::string alphabet(kAlphabet, sizeof kAlphabet - 1);
  std::mt19937 random(20261123);
  auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seed;
    for (size_t n = 1 + below(4); n > 0; --n) {
      size_t at = below(text.size());
      switch (below(3)) {
        case 0:
          text[at] = alphabet[below(alphabet.size())];
          break;
        case 1:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
        default:
          text.erase(at, 1 + below(8));
      }
      if (text.empty()) text = "x";
    }
    size_t end = HeadEnd(text);
    if (end == std::string::npos) continue;
    text.resize(end);
    auto parsed = ParseRequestHead(text);
    auto* head = std::get_if<RequestHead>(&parsed);
    if (head == nullptr) continue;
    ++taken;
    EXPECT_EQ(head->target.front(), '/');
    EXPECT_EQ(head->target.find_first_of(std::string_view("\0\r\n\t #", 6)), std::string::npos);
    EXPECT_LE(head->fields.Count("Content-Length") + head->fields.Count("Transfer-Encoding"), 1u);
    for (const HttpField& field : head->fields) {
      EXPECT_EQ(field.value.find_first_of(std::string_view("\0\r\n", 3)), std::string::npos);
      EXPECT_EQ(field.name.find_first_of(" \t:"), std::string::npos);
    }
  }
  EXPECT_GT(taken, 1000);
}

TEST(FormTest, WhatIsEncodedIsDecodedToTheSame) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  Form form = {{"query", all}, {"match[]", "a b+c&d=e"}, {"empty", ""}}, read;
  ASSERT_TRUE(ParseForm(EncodeForm(form), &read));
  EXPECT_EQ(read, form);
}

TEST(FormTest, WhatReadersDisagreeAboutIsRefused) {
  for (const char* text :
       {"a", "=b", "a=b;c=d", "a=%", "a=%4", "a=%4g", "a=b c", "a=\x80", "a=b\nc"}) {
    Form form;
    EXPECT_FALSE(ParseForm(text, &form)) << text;
  }
}

TEST(ApiValuesTest, TimesAreNumbersOrRfc3339) {
  EXPECT_EQ(ParseApiTime("0"), 0);
  EXPECT_EQ(ParseApiTime("-1.5"), -1.5);
  EXPECT_EQ(ParseApiTime("1.6e9"), 1.6e9);
  EXPECT_EQ(ParseApiTime("2015-07-01T20:10:51Z"), 1435781451);
  EXPECT_EQ(ParseApiTime("2015-07-01T20:10:51.5+02:00"), 1435781451.5 - 7200);
  for (const char* bad :
       {"", "now", "NaN", "Inf", "1e400", "0x10", "1_0", "2015-07-01", "2015-02-30T00:00:00Z",
        "2015-07-01T25:00:00Z", "2015-07-01T20:10:51", "2015-07-01T20:10:51Zx", " 1", "1 "}) {
    EXPECT_EQ(ParseApiTime(bad), std::nullopt) << bad;
  }
}

TEST(ApiValuesTest, DurationsAreNumbersOrPrometheusOwn) {
  EXPECT_EQ(ParseApiDuration("15"), 15);
  EXPECT_EQ(ParseApiDuration("0.5"), 0.5);
  EXPECT_EQ(ParseApiDuration("1h30m"), 5400);
  EXPECT_EQ(ParseApiDuration("1y2w3d"), 365 * 86400 + 17 * 86400);
  EXPECT_EQ(ParseApiDuration("100ms"), 0.1);
  for (const char* bad : {"", "m5", "5x", "5m1h", "5m5m", "1h-5m", "Inf"}) {
    EXPECT_EQ(ParseApiDuration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace usage::gateway
