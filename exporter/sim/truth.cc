#include "sim/truth.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace usage::sim {
namespace {

constexpr std::string_view kTitle = "usage_sim truth 1";

// Names may hold anything: tabs, line ends and percent signs are written as in a URL.
std::string Escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\t' || c == '\n' || c == '\r' || c == '%') {
      char code[4];
      std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(c));
      out += code;
    } else {
      out += c;
    }
  }
  return out;
}

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    bool is_code = text[i] == '%' && i + 2 < text.size() &&
                   std::from_chars(&text[i] + 1, &text[i] + 3, code, 16).ec == std::errc();
    out += is_code ? static_cast<char>(code) : text[i];
    if (is_code) i += 2;
  }
  return out;
}

void Append(std::string& out, uint64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void AppendDays(std::string& out, const DayVolumes& days) {
  for (const auto& [day, volume] : days) {
    out += '\t';
    out += day.ToString();
    out += ':';
    Append(out, volume.upload);
    out += ':';
    Append(out, volume.download);
  }
}

std::vector<std::string_view> Split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (size_t end; (end = text.find(by)) != text.npos; text.remove_prefix(end + 1)) {
    parts.push_back(text.substr(0, end));
  }
  parts.push_back(text);
  return parts;
}

template <typename T>
T Number(std::string_view text) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error("not a number: " + std::string(text));
  }
  return value;
}

Day ParseDay(std::string_view text) {
  auto parts = Split(text, '-');
  if (parts.size() != 3) throw std::runtime_error("not a day: " + std::string(text));
  return Day::FromCivil(Number<int>(parts[0]), Number<unsigned>(parts[1]),
                        Number<unsigned>(parts[2]));
}

// Reads line by line; whatever is wrong is thrown without the place, which the caller knows.
class Parser {
 public:
  void Line(std::string_view line) {
    auto fields = Split(line, '\t');
    if (is_over_) throw std::runtime_error("text after the end");
    if (lines_++ == 0) {
      if (line != kTitle) throw std::runtime_error("not a truth file of this version");
    } else if (fields[0] == "bytes" && fields.size() >= 4) {
      Bytes(fields);
    } else if (fields[0] == "tenant" && fields.size() == 5) {
      truth_.tenants[Unescape(fields[1])] = {Unescape(fields[4]), Unescape(fields[2]),
                                             Number<int>(fields[3])};
    } else if (fields.size() == 2) {
      Head(fields[0], fields[1]);
    } else {
      throw std::runtime_error("a line of unknown kind");
    }
  }
  bool is_over() const { return is_over_; }
  Truth Take() { return std::move(truth_); }

 private:
  void Head(std::string_view name, std::string_view value) {
    if (name == "at") {
      truth_.at = Second(seconds(Number<int64_t>(value)));
    } else if (name == "settled") {
      truth_.settled = value == "yes";
    } else if (name == "runs") {
      truth_.runs = Number<int>(value);
    } else if (name == "seed") {
      truth_.seed = Number<uint64_t>(value);
    } else if (name == "end") {
      if (Number<size_t>(value) != lines_ - 1) throw std::runtime_error("lines are missing");
      is_over_ = true;
    } else {
      throw std::runtime_error("a line of unknown kind");
    }
  }

  void Bytes(const std::vector<std::string_view>& fields) {
    auto access = ParseAccess(fields[2]);
    if (!access) throw std::runtime_error("neither hotspot nor pppoe: " + std::string(fields[2]));
    auto& days = truth_.bytes[{Unescape(fields[1]), *access, Unescape(fields[3])}];
    for (size_t i = 4; i < fields.size(); ++i) {
      auto parts = Split(fields[i], ':');
      if (parts.size() != 3) throw std::runtime_error("not day:upload:download");
      days[ParseDay(parts[0])] = {Number<uint64_t>(parts[1]), Number<uint64_t>(parts[2])};
    }
  }

  Truth truth_;
  size_t lines_ = 0;
  bool is_over_ = false;
};

[[noreturn]] void Fail(const std::string& path, const char* what) {
  throw std::runtime_error(path + ": " + what + ": " + std::strerror(errno));
}

void WriteAll(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) Fail(path, "can't write");
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

void Add(std::vector<DayVolume>& sum, const DayVolume& part) {
  // Nearly always the newest day; a late Stop may be of an older one.
  auto at = sum.end();
  while (at != sum.begin() && std::prev(at)->day >= part.day) --at;
  if (at == sum.end() || at->day != part.day) at = sum.insert(at, {part.day, {}});
  at->volume += part.volume;
}

}  // namespace

void Truth::Book(const TruthKey& key, const std::vector<DayVolume>& days) {
  for (const DayVolume& part : days) bytes[key][part.day] += part.volume;
}

std::string ToText(const Truth& truth) {
  std::string out(kTitle);
  out += "\nat\t" + std::to_string(truth.at.time_since_epoch().count());
  out += "\nsettled\t" + std::string(truth.settled ? "yes" : "no");
  out += "\nruns\t" + std::to_string(truth.runs) + "\nseed\t" + std::to_string(truth.seed) + "\n";
  for (const auto& [id, tenant] : truth.tenants) {
    out += "tenant\t" + Escape(id) + "\t" + Escape(tenant.zone) + "\t" +
           std::to_string(tenant.billing_day) + "\t" + Escape(tenant.name) + "\n";
  }
  for (const auto& [key, days] : truth.bytes) {
    out += "bytes\t" + Escape(key.tenant) + "\t" + std::string(AccessName(key.access)) + "\t" +
           Escape(key.subscriber);
    AppendDays(out, days);
    out += '\n';
  }
  auto lines = std::count(out.begin(), out.end(), '\n');
  return out + "end\t" + std::to_string(lines) + "\n";
}

Truth ParseTruth(const std::string& text, const std::string& name) {
  Parser parser;
  int number = 0;
  auto fail = [&](const std::string& what) {
    throw std::runtime_error(name + ":" + std::to_string(number) + ": " + what);
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      parser.Line(line);
    } catch (const std::runtime_error& error) {
      fail(error.what());
    }
  }
  if (!parser.is_over()) fail("the file's end is missing");
  return parser.Take();
}

void WriteTruth(const Truth& truth, const std::string& path) {
  std::string fresh = path + ".new";
  int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) Fail(fresh, "can't create it");
  WriteAll(file, ToText(truth), fresh);
  if (close(file) != 0) Fail(fresh, "can't write");
  if (std::rename(fresh.c_str(), path.c_str()) != 0) Fail(path, "can't replace it");
}

Truth ReadTruth(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Fail(path, "can't read it");
  return ParseTruth({std::istreambuf_iterator<char>(file), {}}, path);
}

TruthKeeper::TruthKeeper(const Population& population, Truth before)
    : population_(population), before_(std::move(before)), days_(population.subscribers().size()) {
  ++before_.runs;
  before_.seed = population.options().seed;
  for (const Tenant& tenant : population.tenants()) {
    before_.tenants[tenant.id] = {tenant.name, tenant.zone_name(), tenant.billing_day};
  }
}

void TruthKeeper::Book(int subscriber, const std::vector<DayVolume>& days) {
  for (const DayVolume& part : days) {
    Add(days_[static_cast<size_t>(subscriber)], part);
    bytes_ += part.volume.sum();
  }
}

Truth TruthKeeper::Take(Second at, bool settled) const {
  Truth truth = before_;
  truth.at = at;
  truth.settled = settled;
  for (size_t i = 0; i < days_.size(); ++i) {
    if (days_[i].empty()) continue;
    const Subscriber& who = population_.subscribers()[i];
    truth.Book({population_.tenant_of(who).id, who.access, population_.AccountName(who)}, days_[i]);
  }
  return truth;
}

}  // namespace usage::sim
