#include "config/grafana_reader.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

void ReadUrl(const YamlValue& value, HttpUrl* out) {
  std::string text;
  value.Read(&text);
  if (text.empty()) return;
  const Expected<HttpUrl> url = ParseHttpUrl(text);
  if (!url) {
    value.Fail(url.error() + "; write where Grafana is, such as http://127.0.0.1:3000");
    return;
  }
  *out = *url;
}

std::optional<LiveConfig> ReadLive(const YamlValue& value) {
  YamlMap map(value);
  LiveConfig live;
  map["interval"].ReadDuration(&live.interval, milliseconds(50), minutes(1));
  map["timeout"].ReadDuration(&live.timeout, milliseconds(100), minutes(1));
  map["concurrency"].Read(&live.concurrency, 1, 64);
  map["top_subscribers"].Read(&live.top_subscribers, 0, 100);
  return value.present() ? std::optional(live) : std::nullopt;
}

}  // namespace

std::optional<GrafanaConfig> GrafanaReader::Read(const YamlValue& value) const {
  YamlMap map(value);
  GrafanaConfig grafana;
  ReadUrl(map.Required("url", "write where Grafana is, such as http://127.0.0.1:3000"),
          &grafana.url);
  grafana.ca_file = ReadFile(map["ca_file"]);
  grafana.live = ReadLive(map["live"]);
  return value.present() ? std::optional(grafana) : std::nullopt;
}

std::string GrafanaReader::ReadFile(const YamlValue& value) const {
  std::string name;
  value.Read(&name);
  if (name.empty()) return "";
  const std::filesystem::path path = folder_ / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    value.Fail(path.string() +
               " is not there or not a file; check the path (a relative one starts at the folder "
               "of this file)");
  }
  return path.string();
}

}  // namespace usage
