#include "app/gateway_program.h"

#include "app/log.h"
#include "app/process_status.h"
#include "app/signals.h"
#include "core/clock.h"
#include "core/version.h"

namespace usage {
namespace {

using gateway::GatewayConfig;

gateway::GatewayLog LogOf(const GatewayFlags& flags) {
  gateway::GatewayLog log;
  log.info = [](const std::string& text) { Log(LogLevel::kInfo, text); };
  log.error = [](const std::string& text) { Log(LogLevel::kError, text); };
  log.query_text = flags.log_level == "debug";
  return log;
}

void LogWebError(const std::string& error) { Log(LogLevel::kWarn, "web: " + error); }

}  // namespace

GatewayConfig CheckGatewayFiles(const GatewayFlags& flags) {
  GatewayConfig config = ValueOf(gateway::LoadGatewayConfig(flags.config_file));
  ValueOf(gateway::ReadTokenFile(config.tokens_file));
  LoadedWebConfig(flags);
  return config;
}

GatewayProgram::GatewayProgram(GatewayFlags flags)
    : flags_(std::move(flags)), started_(UnixSeconds(SystemClock().Now())) {
  WebConfig web = LoadedWebConfig(flags_);
  gateway_ = std::make_unique<gateway::Gateway>(
      ValueOf(gateway::LoadGatewayConfig(flags_.config_file)), LogOf(flags_));
  gateway::FrontServer::Options front;
  front.listen_address = flags_.listen_address;
  front.web = web;
  front.log_error = LogWebError;
  front_ = std::make_unique<gateway::FrontServer>(std::move(front), gateway_.get());
  HttpServer::Options telemetry;
  telemetry.listen_address = flags_.telemetry_address;
  telemetry.web = std::move(web);
  telemetry.log_error = LogWebError;
  telemetry_ = std::make_unique<HttpServer>(std::move(telemetry));
  AddTelemetry();
}

GatewayProgram::~GatewayProgram() = default;

void GatewayProgram::AddTelemetry() {
  telemetry_->Handle("GET", "/metrics", [this](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = MetricsPage();
    return response;
  });
  telemetry_->Handle("GET", "/-/healthy", [](const HttpRequest&) {
    HttpResponse response;
    response.body = "usage_gateway is healthy\n";
    return response;
  });
  telemetry_->Handle("GET", "/-/ready", [this](const HttpRequest&) {
    HttpResponse response;
    response.status = is_stopping_ ? 503 : 200;
    response.body = is_stopping_ ? "usage_gateway is stopping\n" : "usage_gateway is ready\n";
    return response;
  });
}

std::string GatewayProgram::MetricsPage() const {
  gateway::GatewayGauges gauges;
  gateway_->Describe(&gauges);
  gauges.connections = front_->connections();
  gauges.config_reload_ok = reload_ok_;
  gauges.started = started_;
  ExporterStatus process;
  DescribeProcess(&process);
  gauges.cpu_seconds = process.cpu_seconds;
  gauges.resident_bytes = process.resident_bytes;
  gauges.open_fds = process.open_fds;
  return gateway_->metrics().Page(gauges);
}

void GatewayProgram::Run() {
  front_->Start();
  telemetry_->Start();
  Log(LogLevel::kInfo, std::string("usage_gateway ") + kVersion + " listens on " + front_->url() +
                           ", its own metrics on " + telemetry_->url());
  for (const auto& warning : gateway_->settings()->config.warnings) Log(LogLevel::kWarn, warning);
  WaitForTheEnd([this] { Reload(); });
  Log(LogLevel::kInfo, "stopping");
  is_stopping_ = true;
  front_->Stop();
  telemetry_->Stop();
}

void GatewayProgram::Reload() try {
  GatewayConfig config = ValueOf(gateway::LoadGatewayConfig(flags_.config_file));
  WebConfig web = LoadedWebConfig(flags_);
  gateway_->Refresh();
  front_->SetWebConfig(web);
  telemetry_->SetWebConfig(std::move(web));
  gateway_->Reload(std::move(config));
  reload_ok_ = true;
  Log(LogLevel::kInfo, "configuration reloaded");
} catch (const std::exception& e) {
  reload_ok_ = false;
  Log(LogLevel::kError, std::string("the old configuration stays: ") + e.what());
}

}  // namespace usage
