#include "gateway/gateway_metrics.h"

#include <algorithm>
#include <charconv>

#include "core/version.h"

namespace usage::gateway {
namespace {

std::string Number(double value) {
  char text[32];
  auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return std::string(text, end);
}

// As the text format has label values.
std::string Escaped(std::string_view value) {
  std::string out;
  for (char c : value) {
    if (c == '\\' || c == '"') out.push_back('\\');
    out.append(c == '\n' ? "\\n" : std::string(1, c));
  }
  return out;
}

std::string Label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + Escaped(value) + "\"";
}

void Head(std::string_view name, std::string_view type, std::string_view help, std::string* out) {
  out->append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out->append(name).append(" ").append(type).append("\n");
}

void Single(std::string_view name, std::string_view type, std::string_view help, double value,
            std::string* out) {
  Head(name, type, help, out);
  out->append(name).append(" ").append(Number(value)).append("\n");
}

void PrintGauges(const GatewayGauges& gauges, std::string* out) {
  Single("usage_gateway_upstream_requests_running", "gauge", "Requests at the upstream now.",
         gauges.running, out);
  Single("usage_gateway_requests_waiting", "gauge", "Requests that wait for a place now.",
         gauges.waiting, out);
  Single("usage_gateway_connections", "gauge", "Open connections of clients.", gauges.connections,
         out);
  Single("usage_gateway_tokens", "gauge", "Tokens of the token file.",
         static_cast<double>(gauges.tokens), out);
  Single("usage_gateway_token_file_last_reload_successful", "gauge",
         "0 while a bad token file is ignored.", gauges.tokens_reload_ok, out);
  Single("usage_gateway_config_last_reload_successful", "gauge",
         "0 while a bad configuration is ignored.", gauges.config_reload_ok, out);
  Single("usage_gateway_cache_hits_total", "counter", "Answers taken from the cache of results.",
         static_cast<double>(gauges.cache_hits), out);
  Single("usage_gateway_cache_misses_total", "counter", "Cacheable requests that it did not have.",
         static_cast<double>(gauges.cache_misses), out);
  Head("usage_gateway_build_info", "gauge", "1, of this version.", out);
  out->append("usage_gateway_build_info{" + Label("version", kVersion) + "," +
              Label("revision", kRevision) + "} 1\n");
}

void PrintProcess(const GatewayGauges& gauges, std::string* out) {
  Single("process_cpu_seconds_total", "counter", "CPU time of this process.", gauges.cpu_seconds,
         out);
  Single("process_resident_memory_bytes", "gauge", "Memory of this process.",
         static_cast<double>(gauges.resident_bytes), out);
  Single("process_open_fds", "gauge", "Open file descriptors.",
         static_cast<double>(gauges.open_fds), out);
  Single("process_start_time_seconds", "gauge", "Start of this process, Unix time.", gauges.started,
         out);
}

}  // namespace

void GatewayMetrics::Count(Counts* counts, const std::string& tenant, std::string_view second,
                           std::string_view third, uint64_t by) {
  Key key(tenant, second, third);
  std::lock_guard lock(mutex_);
  (*counts)[std::move(key)] += by;
}

void GatewayMetrics::CountRequest(const std::string& tenant, std::string_view endpoint,
                                  int status) {
  Count(&requests_, tenant, endpoint, std::to_string(status));
}

void GatewayMetrics::CountRefusal(const std::string& tenant, std::string_view reason) {
  Count(&refusals_, tenant, reason, "");
}

void GatewayMetrics::CountLimit(const std::string& tenant, std::string_view limit) {
  Count(&limits_, tenant, limit, "");
}

void GatewayMetrics::CountBytes(const std::string& tenant, uint64_t bytes) {
  Count(&bytes_, tenant, "", "", bytes);
}

void GatewayMetrics::ObserveUpstream(const std::string& tenant, double seconds) {
  auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  std::lock_guard lock(mutex_);
  Histogram& histogram = upstream_[tenant];
  ++histogram.buckets[static_cast<size_t>(bucket)];
  histogram.sum += seconds;
}

std::string GatewayMetrics::Page(const GatewayGauges& gauges) const {
  std::string out;
  auto print = [&](const char* name, const char* help, const Counts& counts, const char* second,
                   const char* third) {
    Head(name, "counter", help, &out);
    for (const auto& [key, count] : counts) {
      out.append(name).append("{").append(Label(label_, std::get<0>(key)));
      if (*second != '\0') out.append(",").append(Label(second, std::get<1>(key)));
      if (*third != '\0') out.append(",").append(Label(third, std::get<2>(key)));
      out.append("} ").append(std::to_string(count)).append("\n");
    }
  };
  {
    std::lock_guard lock(mutex_);
    print("usage_gateway_requests_total", "Requests, by what they were answered with.", requests_,
          "endpoint", "code");
    print("usage_gateway_refusals_total", "Requests that the upstream never saw, by the reason.",
          refusals_, "reason", "");
    print("usage_gateway_limit_hits_total", "Requests that a limit has refused or cut off.",
          limits_, "limit", "");
    print("usage_gateway_response_bytes_total", "Bytes of answers' bodies.", bytes_, "", "");
    PrintHistograms(&out);
  }
  PrintGauges(gauges, &out);
  PrintExpiries(gauges.expiries, &out);
  PrintProcess(gauges, &out);
  return out;
}

void GatewayMetrics::PrintExpiries(const std::vector<TokenExpiry>& expiries,
                                   std::string* out) const {
  const std::string name = "usage_gateway_token_expiry_timestamp_seconds";
  Head(name, "gauge", "When a token expires, or did; none for one that never does.", out);
  for (const TokenExpiry& token : expiries) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(token.at).time_since_epoch();
    out->append(name + "{" + Label(label_, token.tenant) + "," + Label("token", token.id) + "} " +
                std::to_string(seconds.count()) + "\n");
  }
}

void GatewayMetrics::PrintHistograms(std::string* out) const {
  const std::string name = "usage_gateway_upstream_duration_seconds";
  Head(name, "histogram", "How long the upstream took, to the answer's last byte.", out);
  for (const auto& [tenant, histogram] : upstream_) {
    std::string label = Label(label_, tenant);
    uint64_t sum = 0;
    for (size_t i = 0; i < histogram.buckets.size(); ++i) {
      sum += histogram.buckets[i];
      std::string bound = i < kBounds.size() ? Number(kBounds[i]) : "+Inf";
      out->append(name + "_bucket{" + label + "," + Label("le", bound) + "} " +
                  std::to_string(sum) + "\n");
    }
    out->append(name + "_sum{" + label + "} " + Number(histogram.sum) + "\n");
    out->append(name + "_count{" + label + "} " + std::to_string(sum) + "\n");
  }
}

}  // namespace usage::gateway
