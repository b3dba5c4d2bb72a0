#include "api/negotiation.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

struct AcceptCase {
  const char* who;
  const char* accept;
  Format format;
};

const AcceptCase kAcceptCases[] = {
    {"nobody says anything", "", Format::kText},
    {"curl", "*/*", Format::kText},
    {"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::kText},
    {"Prometheus 2.42",
     "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
     Format::kOpenMetrics},
    {"Prometheus 3",
     "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
     "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
     "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     Format::kOpenMetrics},
    {"Prometheus that was told to prefer the text format",
     "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
     Format::kText},
    {"one that takes only an older OpenMetrics",
     "application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5", Format::kText},
    {"one that asks for protobuf first",
     "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
     "q=0.7,application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4",
     Format::kOpenMetrics},
    {"one that names no version", "application/openmetrics-text", Format::kOpenMetrics},
    {"one that quotes the version", "application/openmetrics-text; version=\"1.0.0\"",
     Format::kOpenMetrics},
    {"one that shouts", "APPLICATION/OPENMETRICS-TEXT;VERSION=1.0.0;Q=0.9,text/plain;q=0.1",
     Format::kOpenMetrics},
    {"one that refuses OpenMetrics", "application/openmetrics-text;q=0,*/*", Format::kText},
    {"one that refuses text", "text/plain;q=0,*/*", Format::kOpenMetrics},
    {"one that takes both alike", "application/openmetrics-text,text/plain", Format::kText},
    {"one that takes any application", "application/*,text/plain;q=0.5", Format::kOpenMetrics},
    {"one that takes JSON only", "application/json", Format::kText},
    {"one with q-values that are none",
     "application/openmetrics-text;q=high,application/openmetrics-text;q=7,text/plain;q=0.1",
     Format::kText},
    {"one that lists nothing", " , ;, ;;q=1,,", Format::kText},
};

TEST(NegotiationTest, FormatFollowsTheQValues) {
  for (const AcceptCase& c : kAcceptCases)
    EXPECT_EQ(ChooseFormat(c.accept), c.format) << c.who << ": " << c.accept;
}

struct EncodingCase {
  const char* accept_encoding;
  bool gzip;
};

const EncodingCase kEncodingCases[] = {
    {"", false},
    {"gzip", true},
    {"GZIP", true},
    {"x-gzip", true},
    {"deflate, gzip;q=0.8, br", true},
    {"gzip, deflate, br, zstd", true},
    {"*", true},
    {"*;q=0", false},
    {"gzip;q=0", false},
    {"gzip;q=0, *", false},
    {"gzip;q=0.000", false},
    {"identity", false},
    {"identity;q=1, gzip;q=0.5", false},
    {"identity;q=0.5, gzip;q=1.0", true},
    {"identity;q=0, gzip;q=0.1", true},
    {"gzipped", false},
    {"br;q=1.0, deflate", false},
};

TEST(NegotiationTest, GzipOnlyForWhoTakesIt) {
  for (const EncodingCase& c : kEncodingCases)
    EXPECT_EQ(AcceptsGzip(c.accept_encoding), c.gzip) << c.accept_encoding;
}

}  // namespace
}  // namespace usage
