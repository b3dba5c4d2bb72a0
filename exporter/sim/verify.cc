#include "sim/verify.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <stdexcept>
#include <thread>

#include "core/clock.h"
#include "sim/ledger_tables.h"
#include "sim/metrics_page.h"

namespace usage::sim {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

// While it lives the simulator stands still.
class Holder {
 public:
  explicit Holder(std::string path) : path_(std::move(path)) {
    int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
      throw std::runtime_error(path_ + ": can't create it, which would hold the simulator");
    close(file);
  }
  ~Holder() { unlink(path_.c_str()); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

 private:
  std::string path_;
};

struct Comparison {
  Truth truth;
  std::vector<Difference> page, tables;

  bool is_equal() const { return page.empty() && tables.empty(); }
};

// One line of the table. A tenant is off by its largest difference: the total, a day and a
// subscriber's day may all show the same bytes.
struct Line {
  Volume total;
  uint64_t page_off = 0, tables_off = 0;
};
using Lines = std::map<std::pair<std::string, std::string>, Line>;  // by tenant and access

Lines LinesOf(const Comparison& result) {
  Lines lines;
  for (const auto& [key, days] : result.truth.bytes) {
    Line& line = lines[{key.tenant, std::string(AccessName(key.access))}];
    for (const auto& [day, volume] : days) line.total += volume;
  }
  for (const Difference& d : result.page) {
    uint64_t& off = lines[{d.key.tenant, d.key.access}].page_off;
    off = std::max(off, d.bytes());
  }
  for (const Difference& d : result.tables) {
    uint64_t& off = lines[{d.key.tenant, d.key.access}].tables_off;
    off = std::max(off, d.bytes());
  }
  return lines;
}

uint64_t BytesOff(const Lines& lines) {
  uint64_t sum = 0;
  for (const auto& [who, line] : lines) sum += std::max(line.page_off, line.tables_off);
  return sum;
}

class Verification {
 public:
  explicit Verification(const VerifyOptions& options)
      : options_(options), deadline_(Steady::now() + options.timeout) {}

  // Tries until all is equal or the time is over. No value: nothing could be compared.
  std::optional<Comparison> Run() {
    std::optional<Comparison> last;
    do {
      try {
        error_.clear();
        last = Once();
        if (last->is_equal()) return last;
      } catch (const std::runtime_error& error) {
        error_ = error.what();
      }
      std::this_thread::sleep_for(milliseconds(200));
    } while (Steady::now() < deadline_);
    // What an earlier try found says nothing about a source that fails now.
    return error_.empty() ? last : std::nullopt;
  }
  const std::string& error() const { return error_; }

 private:
  Comparison Once() {
    Comparison result;
    result.truth = ReadTruth(options_.truth);
    if (!result.truth.settled) {
      throw std::runtime_error(options_.truth + ": not settled: the simulator goes on. " +
                               (options_.hold ? "It did not stand still in time" : "Take --hold"));
    }
    bool with_unknown = !options_.only_tenants;
    if (!options_.metrics.empty()) {
      Figures found = ParsePage(HttpGet(options_.metrics, options_.account));
      Figures truth = PageFigures(result.truth, SystemClock().Now());
      result.page = Compare(FoldOthers(truth, found), found, with_unknown);
    }
    if (!options_.ledger.empty()) {
      Figures found = ReadLedger(options_.ledger, options_.schema);
      result.tables = Compare(TableFigures(result.truth), found, with_unknown);
    }
    return result;
  }

  const VerifyOptions& options_;
  Steady::time_point deadline_;
  std::string error_;
};

std::string Where(const FigureKey& key) {
  std::string text = std::string(FigureKindName(key.kind)) + " " + key.tenant + " " + key.access;
  if (!key.day.empty()) text += " " + key.day;
  if (!key.subscriber.empty()) text += " " + key.subscriber;
  return text;
}

void PrintDifferences(const char* side, const std::vector<Difference>& differences,
                      std::ostream& out) {
  constexpr size_t kMost = 20;
  for (size_t i = 0; i < std::min(kMost, differences.size()); ++i) {
    const Difference& d = differences[i];
    out << side << ": " << Where(d.key) << ": upload " << d.found.upload << " instead of "
        << d.truth.upload << ", download " << d.found.download << " instead of " << d.truth.download
        << '\n';
  }
  if (differences.size() > kMost) {
    out << side << ": and " << differences.size() - kMost << " more\n";
  }
}

std::string NameOf(const Truth& truth, const std::string& tenant) {
  auto found = truth.tenants.find(tenant);
  return found == truth.tenants.end() ? "(unknown)" : found->second.name;
}

// "-" for a side that was not asked.
std::string Cell(bool is_asked, uint64_t bytes) { return is_asked ? std::to_string(bytes) : "-"; }

void PrintTable(const VerifyOptions& options, const Lines& lines, const Truth& truth,
                std::ostream& out) {
  out << std::left << std::setw(37) << "tenant" << std::setw(8) << "access" << std::right
      << std::setw(16) << "upload" << std::setw(18) << "download" << std::setw(14) << "metrics off"
      << std::setw(14) << "ledger off"
      << "  name\n";
  for (const auto& [who, line] : lines) {
    out << std::left << std::setw(37) << who.first << std::setw(8) << who.second << std::right
        << std::setw(16) << line.total.upload << std::setw(18) << line.total.download
        << std::setw(14) << Cell(!options.metrics.empty(), line.page_off) << std::setw(14)
        << Cell(!options.ledger.empty(), line.tables_off) << "  " << NameOf(truth, who.first)
        << '\n';
  }
}

void PrintText(const VerifyOptions& options, const Comparison& result, std::ostream& out) {
  Lines lines = LinesOf(result);
  PrintTable(options, lines, result.truth, out);
  PrintDifferences("metrics", result.page, out);
  PrintDifferences("ledger", result.tables, out);
  out << result.truth.tenants.size() << " tenants, " << result.truth.bytes.size()
      << " subscribers: " << BytesOff(lines) << " bytes off\n";
}

// Names may hold broken UTF-8 if the truth file does: replaced, not thrown.
std::string Dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json ToJson(const std::vector<Difference>& differences) {
  auto list = nlohmann::json::array();
  for (const Difference& d : differences) {
    list.push_back({{"figure", FigureKindName(d.key.kind)},
                    {"tenant_id", d.key.tenant},
                    {"access", d.key.access},
                    {"day", d.key.day},
                    {"subscriber", d.key.subscriber},
                    {"truth", {{"upload", d.truth.upload}, {"download", d.truth.download}}},
                    {"found", {{"upload", d.found.upload}, {"download", d.found.download}}}});
  }
  return list;
}

void PrintJson(const Comparison& result, std::ostream& out) {
  Lines lines = LinesOf(result);
  auto tenants = nlohmann::json::array();
  for (const auto& [who, line] : lines) {
    tenants.push_back({{"tenant_id", who.first},
                       {"access", who.second},
                       {"name", NameOf(result.truth, who.first)},
                       {"upload", line.total.upload},
                       {"download", line.total.download},
                       {"metrics_off", line.page_off},
                       {"ledger_off", line.tables_off}});
  }
  out << Dump({{"bytes_off", BytesOff(lines)},
               {"tenants", tenants},
               {"metrics", ToJson(result.page)},
               {"ledger", ToJson(result.tables)}})
      << '\n';
}

}  // namespace

Verdict Verify(const VerifyOptions& options, std::ostream& out, std::ostream& errors) {
  if (options.metrics.empty() && options.ledger.empty()) {
    throw std::invalid_argument("nothing to compare with: --metrics, --ledger or both");
  }
  std::optional<Holder> holder;
  if (options.hold) holder.emplace(options.truth + ".hold");
  Verification verification(options);
  auto result = verification.Run();
  if (!result) {
    errors << "usage_sim: can't compare: " << verification.error() << '\n';
    return Verdict::kUnknown;
  }
  options.json ? PrintJson(*result, out) : PrintText(options, *result, out);
  return result->is_equal() ? Verdict::kEqual : Verdict::kDifferent;
}

}  // namespace usage::sim
