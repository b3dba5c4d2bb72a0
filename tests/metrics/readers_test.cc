// Other people's readers of the formats, on the golden scrapes.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "tests/metrics/golden.h"
#include "tests/metrics/scrape.h"

namespace usage {
namespace {

struct Output {
  std::string text;  // both streams
  int status = 0;    // as pclose gives it: 0 only if the command went well
};

Output OutputOf(const std::string& command) {
  Output output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.text.append(buffer, n);
  output.status = pclose(pipe);
  return output;
}

std::string Golden(const std::string& name) {
  return std::string(USAGE_SOURCE_DIR "/tests/metrics/golden/") + name;
}

// A forecast is no summary: it has neither sum nor count. Its quantiles are what they are called.
constexpr char kForecastsQuantile[] =
    "usage_month_forecast_bytes non-summary metrics should not have \"quantile\" label\n";

TEST(Readers, PromtoolHasNothingElseToSayAboutTheNames) {
  for (const auto& [scrape, says] :
       {std::pair("scrape.txt", kForecastsQuantile), std::pair("history.txt", "")}) {
    EXPECT_EQ(OutputOf("promtool check metrics < " + Golden(scrape)).text, says) << scrape;
  }
}

// A line per sample, as openmetrics_samples.py prints it.
std::string Listed(const Scrape& scrape) {
  std::string list;
  for (const ScrapedFamily& family : scrape.families) {
    for (const Sample& sample : family.samples) {
      list += family.type + ' ' + sample.name;
      for (const auto& [name, value] : sample.labels) {
        list.append(" ").append(name).append("=").append(std::to_string(value.size()));
        list.append(":").append(value);
      }
      list += ' ' + sample.value + '\n';
    }
  }
  return list;
}

TEST(Readers, TheReferenceParserReadsTheSameSamplesOutOfOpenMetrics) {
  const std::string golden = "scrape.openmetrics.txt";
  const std::string page = ReadRepositoryFile("tests/metrics/golden/" + golden);
  const Output output =
      OutputOf("/usr/bin/python3 " USAGE_SOURCE_DIR "/tests/metrics/openmetrics_samples.py < " +
               Golden(golden));
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.text, Listed(ReadPage(page, Format::kOpenMetrics)));
}

}  // namespace
}  // namespace usage
