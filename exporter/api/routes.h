// What the exporter serves: /metrics and /metrics/history for Prometheus, /-/healthy and /-/ready
// for whoever watches over it, /-/reload, and the landing page with its event stream.
#pragma once

#include <functional>
#include <string>

#include "api/event_feed.h"
#include "metrics/hub.h"
#include "metrics/page.h"
#include "net/http_server.h"

namespace usage {

// What the routes show. Not owned: all of it outlives the server. Any thread of the server uses it.
struct ApiParts {
  const SnapshotHub& hub;
  const PageCache& pages;
  const HistoryPages& history;
  const EventFeed& events;
  // Reads the configuration again; returns "" or why the old one stays.
  std::function<std::string()> reload;
};

// Before server.Start().
void AddRoutes(HttpServer& server, const ApiParts& parts);

}  // namespace usage
