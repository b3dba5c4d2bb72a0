#include "grafana/dashboard_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace usage::grafana {
namespace {

using nlohmann::json;

// Grafana's limits of a uid.
constexpr size_t kMostUidCharacters = 40;
constexpr const char* kUidCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string TextOf(const json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// What is wrong with a dashboard, "" for nothing.
std::string FaultOf(const json& parsed) {
  if (!parsed.is_object()) return "is not a JSON object";
  std::string uid = TextOf(parsed, "uid");
  bool good = !uid.empty() && uid.size() <= kMostUidCharacters &&
              uid.find_first_not_of(kUidCharacters) == std::string::npos;
  if (!good) return "needs a \"uid\" of at most 40 of A-Z a-z 0-9 - _";
  if (TextOf(parsed, "title").empty()) return "needs a \"title\"";
  for (const char* own : {"id", "version"}) {
    if (parsed.contains(own)) return std::string("must not have \"") + own + "\": it is Grafana's";
  }
  return "";
}

Expected<DashboardFile> ReadOne(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return Error{path.string() + ": can't be read"};
  json parsed;
  try {
    parsed = json::parse(text.str());
  } catch (const json::parse_error& e) {
    return Error{path.string() + ": " + e.what()};
  }
  std::string fault = FaultOf(parsed);
  if (!fault.empty()) return Error{path.string() + ": " + fault};
  return DashboardFile{TextOf(parsed, "uid"), TextOf(parsed, "title"), text.str()};
}

std::vector<std::filesystem::path> FilesOf(const std::string& folder, std::error_code& error) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Expected<std::vector<DashboardFile>> ReadDashboards(const std::string& folder) {
  std::error_code error;
  auto files = FilesOf(folder, error);
  if (error) return Error{folder + ": " + error.message()};
  if (files.empty()) return Error{folder + ": has no dashboard (*.json)"};
  std::vector<DashboardFile> dashboards;
  std::set<std::string> uids;
  for (const auto& file : files) {
    auto dashboard = ReadOne(file);
    if (!dashboard) return dashboard.fault();
    if (!uids.insert(dashboard->uid).second) {
      return Error{file.string() + ": the uid '" + dashboard->uid + "' is another file's too"};
    }
    dashboards.push_back(std::move(*dashboard));
  }
  return dashboards;
}

}  // namespace usage::grafana
