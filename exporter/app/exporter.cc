#include "app/exporter.h"

#include "api/routes.h"
#include "app/log.h"
#include "app/signals.h"
#include "config/config_file.h"
#include "core/version.h"

namespace usage {
Exporter::Exporter(ServerFlags flags) : flags_(std::move(flags)) {
  program_.started = clock_.Now();
  program_.reload_success_micros = UnixMicros(program_.started);
  runtime_ = std::make_unique<Runtime>(LoadedConfig(), clock_, program_, hub_, history_hub_);
  HttpServer::Options options;
  options.listen_address = flags_.listen_address;
  options.web = LoadedWebConfig(flags_);
  options.log_error = [](const std::string& error) { Log(LogLevel::kWarn, "web: " + error); };
  server_ = std::make_unique<HttpServer>(std::move(options));
}

Exporter::~Exporter() = default;

Config Exporter::LoadedConfig() const { return ValueOf(LoadConfig(flags_.config_file)); }

void Exporter::Run() {
  AddRoutes(*server_, {hub_, pages_, history_pages_, events_, [this] { return Reload(); }});
  server_->Start();
  Log(LogLevel::kInfo, std::string("usage_exporter ") + kVersion + " listens on " + server_->url());
  for (const auto& warning : config().warnings) Log(LogLevel::kWarn, warning);
  runtime_->Start();
  WaitForTheEnd([this] { Reload(); });
  Log(LogLevel::kInfo, "stopping");
  {
    std::lock_guard lock(reload_mutex_);
    runtime_->Stop();
  }
  hub_.Close();
  server_->Stop();
}

std::string Exporter::Reload() try {
  std::lock_guard lock(reload_mutex_);
  Config config = LoadedConfig();
  server_->SetWebConfig(LoadedWebConfig(flags_));
  if (config != runtime_->config()) Apply(std::move(config));
  program_.reload_ok = true;
  program_.reload_success_micros = UnixMicros(clock_.Now());
  Log(LogLevel::kInfo, "configuration reloaded");
  return "";
} catch (const std::exception& e) {
  program_.reload_ok = false;
  Log(LogLevel::kError, std::string("the old configuration stays: ") + e.what());
  return e.what();
}

// The new one is complete before the old one stops; in between the last snapshot is served.
void Exporter::Apply(Config config) {
  auto next = std::make_unique<Runtime>(config, clock_, program_, hub_, history_hub_);
  runtime_->Stop();
  runtime_ = std::move(next);
  for (const auto& warning : config.warnings) Log(LogLevel::kWarn, warning);
  runtime_->Start();
}

}  // namespace usage
