// usage_gateway: the only door from a tenant to Prometheus.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/gateway_program.h"
#include "app/log.h"
#include "app/server_flags.h"
#include "app/shell_command.h"
#include "app/signals.h"
#include "core/version.h"
#include "gateway/enforce.h"

namespace {

using usage::GatewayFlags;

struct EnforceFlags {
  std::string label;  // NAME=VALUE
  std::string expression;
};

constexpr usage::ServerFlagTexts kFlagTexts = {
    "Where Prometheus is, and what tenants may ask (docs/gateway.md)",
    "Address and port for tenants; \":9813\" is every address",
    "TLS and headers, and basic authentication of the telemetry address"};

GatewayFlags DefaultFlags() {
  GatewayFlags flags;
  flags.config_file = "usage_gateway.yaml";
  flags.listen_address = "127.0.0.1:9813";
  flags.telemetry_address = "127.0.0.1:9814";
  return flags;
}

void AddFlags(CLI::App& app, GatewayFlags& flags) {
  usage::AddServerFlags(app, flags, kFlagTexts);
  app.add_option("--web.telemetry-address", flags.telemetry_address,
                 "Address and port of /metrics, /-/healthy and /-/ready")
      ->capture_default_str();
}

CLI::App* AddEnforce(CLI::App& app, EnforceFlags& flags) {
  CLI::App* command =
      app.add_subcommand("enforce", "Print an expression as the gateway would ask it for a tenant");
  command->add_option("--label", flags.label, "The matcher, such as tenant_id=acme")->required();
  command->add_option("expression", flags.expression, "The PromQL expression")->required();
  return command;
}

int Enforce(const EnforceFlags& flags) {
  size_t equals = flags.label.find('=');
  bool is_pair = equals != std::string::npos;
  usage::gateway::TenantMatcher tenant{flags.label.substr(0, equals),
                                       is_pair ? flags.label.substr(equals + 1) : ""};
  std::string fault = usage::gateway::CheckTenantMatcher(tenant);
  if (!fault.empty()) {
    std::cerr << "usage_gateway: --label: " << fault << "; write it as NAME=VALUE\n";
    return 1;
  }
  auto enforced = usage::gateway::EnforceQuery(flags.expression, &tenant);
  if (!enforced) {
    std::cerr << usage::gateway::PointAtFault(flags.expression, enforced.fault()) << "\n";
    return 1;
  }
  std::cout << enforced->text << "\n";
  return 0;
}

int CheckConfig(const GatewayFlags& flags) {
  auto config = usage::CheckGatewayFiles(flags);
  for (const auto& warning : config.warnings) std::cerr << "warning: " << warning << "\n";
  std::cout << flags.config_file << ": ok\n" << config.tokens_file << ": ok\n";
  if (!flags.web_config_file.empty()) std::cout << flags.web_config_file << ": ok\n";
  return 0;
}

int Run(const GatewayFlags& flags) try {
  if (flags.check_config) return CheckConfig(flags);
  usage::SetUpLog(flags.log_level, flags.log_format);
  usage::GatewayProgram(flags).Run();
  return 0;
} catch (const std::exception& e) {
  std::cerr << "usage_gateway: " << e.what() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Stands between tenants and Prometheus: each sees its own series and nothing else.",
               "usage_gateway");
  GatewayFlags flags = DefaultFlags();
  EnforceFlags enforce;
  AddFlags(app, flags);
  CLI::App* enforce_command = AddEnforce(app, enforce);
  app.set_version_flag("--version", usage::VersionText("usage_gateway"));
  app.footer(
      "Reload with SIGHUP; a bad file keeps the old configuration. The token file is "
      "watched; write it with usagectl.");
  usage::AddManFlag(app, "usage_gateway");
  CLI11_PARSE(app, argc, argv);
  if (enforce_command->parsed()) return Enforce(enforce);
  usage::BlockSignals();
  return Run(flags);
}
