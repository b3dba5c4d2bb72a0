#include "app/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "core/clock.h"

namespace usage {
namespace {

// Messages hold text from databases: quoted as JSON in both formats, so that a line is a line.
std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Formatter : public spdlog::formatter {
 public:
  explicit Formatter(bool json) : json_(json) {}

  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    std::string time = FormatInstant(std::chrono::floor<Duration>(message.time));
    auto level = spdlog::level::to_string_view(message.level);
    std::string name = level == "warning" ? "warn" : std::string(level.data(), level.size());
    std::string text = Quoted({message.payload.data(), message.payload.size()});
    std::string line =
        json_ ? "{\"ts\":\"" + time + "\",\"level\":\"" + name + "\",\"msg\":" + text + "}\n"
              : "ts=" + time + " level=" + name + " msg=" + text + "\n";
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<Formatter>(json_); }

 private:
  const bool json_;
};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

void SetUpLog(const std::string& level, const std::string& format) {
  auto logger = spdlog::stderr_logger_mt("usage");
  logger->set_formatter(std::make_unique<Formatter>(format == "json"));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(logger);
}

void Log(LogLevel level, std::string_view message) {
  spdlog::log(SpdlogLevel(level), "{}", message);
}

}  // namespace usage
