// What /metrics costs at 100,000 series: prometheus-cpp's Registry and TextSerializer with the same
// series, plain copies of the page, and Exposition; and what compressing the page costs. One run,
// side by side, ending with the ratios. tests/bench/exposition builds and runs it.
#include <benchmark/benchmark.h>
#include <prometheus/text_serializer.h>
#include <sys/mman.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>

#include "metrics/exposition.h"
#include "metrics/forecasts.h"
#include "metrics/gzip.h"
#include "tests/bench/exposition_load.h"

namespace usage {
namespace {

void PrometheusCpp(benchmark::State& state) {
  prometheus::Registry registry;
  Register(TextOf(TwoMoments(kBenchTenants)[0]), registry);
  const prometheus::TextSerializer serializer;
  for (auto _ : state) benchmark::DoNotOptimize(serializer.Serialize(registry.Collect()));
}

void CopyWithinMemory(benchmark::State& state) {
  const std::string page = TextOf(TwoMoments(kBenchTenants)[0]);
  std::string copy = page;
  for (auto _ : state) {
    std::memcpy(copy.data(), page.data(), page.size());
    benchmark::ClobberMemory();
  }
}

// As a server must that hands out a copy: memory that the kernel has yet to find.
void CopyIntoNewMemory(benchmark::State& state) {
  const std::string page = TextOf(TwoMoments(kBenchTenants)[0]);
  for (auto _ : state) {
    void* copy =
        mmap(nullptr, page.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(copy, page.data(), page.size());
    benchmark::ClobberMemory();
    munmap(copy, page.size());
  }
}

void RenderInTurn(benchmark::State& state, const std::vector<Snapshot>& snapshots, Format format) {
  Exposition exposition;
  std::string page;
  for (const Snapshot& snapshot : snapshots) exposition.Render(snapshot, format, page);
  size_t turn = 0;
  for (auto _ : state) {
    exposition.Render(snapshots[turn++ % 2], format, page);
    benchmark::ClobberMemory();
  }
  state.counters["bytes"] = static_cast<double>(page.size());
}

void AllChanged(benchmark::State& state) {
  RenderInTurn(state, TwoMoments(kBenchTenants), Format::kText);
}
void AllChangedOpenMetrics(benchmark::State& state) {
  RenderInTurn(state, TwoMoments(kBenchTenants), Format::kOpenMetrics);
}
void EightTenantsChanged(benchmark::State& state) {
  RenderInTurn(state, TwoMoments(8), Format::kText);
}
void RanksChanged(benchmark::State& state) { RenderInTurn(state, TwoRankings(), Format::kText); }

// What a cycle takes for the forecasts of all tenants, before the page is made.
void Forecasts(benchmark::State& state) {
  Snapshot snapshot = TwoMoments(kBenchTenants)[0];
  const History history = BenchHistory(snapshot);
  for (auto _ : state) AddForecasts(history, &snapshot);
}

// The level is the benchmark's argument.
void Compress(benchmark::State& state) {
  const std::string page = TextOf(TwoMoments(kBenchTenants)[0]);
  Gzip gzip(static_cast<int>(state.range(0)));
  std::string out;
  for (auto _ : state) gzip.Compress(page, out);
  state.counters["bytes"] = static_cast<double>(out.size());
}

// What Compress was chosen over.
void CompressByZlib(benchmark::State& state) {
  const std::string page = TextOf(TwoMoments(kBenchTenants)[0]);
  std::string out(page.size(), '\0');
  uLongf size = 0;
  for (auto _ : state) {
    size = out.size();
    compress2(reinterpret_cast<Bytef*>(out.data()), &size,
              reinterpret_cast<const Bytef*>(page.data()), page.size(),
              static_cast<int>(state.range(0)));
  }
  state.counters["bytes"] = static_cast<double>(size);
}

BENCHMARK(PrometheusCpp)->Unit(benchmark::kMillisecond);
BENCHMARK(CopyWithinMemory)->Unit(benchmark::kMillisecond);
BENCHMARK(CopyIntoNewMemory)->Unit(benchmark::kMillisecond);
BENCHMARK(AllChanged)->Unit(benchmark::kMillisecond);
BENCHMARK(AllChangedOpenMetrics)->Unit(benchmark::kMillisecond);
BENCHMARK(EightTenantsChanged)->Unit(benchmark::kMillisecond);
BENCHMARK(RanksChanged)->Unit(benchmark::kMillisecond);
BENCHMARK(Forecasts)->Unit(benchmark::kMillisecond);
BENCHMARK(Compress)->Unit(benchmark::kMillisecond)->Arg(1)->Arg(3)->Arg(6)->Arg(9);
BENCHMARK(CompressByZlib)->Unit(benchmark::kMillisecond)->Arg(1);

// Shows what google-benchmark shows, and keeps the best of the repetitions for the ratios: other
// programs can only add to a time. CPU time, as all of it is one thread's work.
class Reporter : public benchmark::ConsoleReporter {
 public:
  Reporter() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration) Keep(run);
    }
  }

  void PrintRatio(const char* what, const std::string& a, const std::string& b) const {
    if (!times_.contains(a) || !times_.contains(b)) return;
    std::printf("ratio: %s %.2f\n", what, times_.at(a) / times_.at(b));
  }

 private:
  void Keep(const Run& run) {
    const double time = run.GetAdjustedCPUTime();
    double& best = times_.insert({run.run_name.function_name, time}).first->second;
    best = std::min(best, time);
  }

  std::map<std::string, double> times_;
};

}  // namespace
}  // namespace usage

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  usage::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.PrintRatio("prometheus-cpp / exposition, all numbers changed:", "PrometheusCpp",
                      "AllChanged");
  reporter.PrintRatio("exposition / copy into new memory:", "AllChanged", "CopyIntoNewMemory");
  reporter.PrintRatio("exposition / copy within memory:", "AllChanged", "CopyWithinMemory");
}
