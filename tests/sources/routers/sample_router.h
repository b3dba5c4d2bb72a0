// A small router's tables, and how it answers by either protocol.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "core/router_reading.h"
#include "tests/sources/routers/scripted_router.h"

namespace usage::testing {

using SampleRow = std::vector<std::pair<std::string, std::string>>;
// By menu: "/interface". Rows in latin-1 here and there.
using SampleTables = std::map<std::string, std::vector<SampleRow>>;

SampleTables SampleRouter();

inline constexpr char kRouterPassword[] = "Geheim-7";

// Plain, as the user `usage`, with a timeout that is far away.
RouterConfig ConfigOf(RouterProtocol protocol, const ScriptedRouter& router);

// Answers a login in the new way: any password will do.
void Welcome(RouterPeer& peer);

// Answers commands as RouterOS does until the client closes; a login first, in the new way.
RouterScript ServeApi(SampleTables tables);
// Tables' commands alone: a script that has done its own login goes on with this.
void AnswerCommands(RouterPeer& peer, const SampleTables& tables);
// The rows and the end of a print command.
void AnswerPrint(RouterPeer& peer, const std::vector<std::string>& command,
                 const SampleTables& tables);
// ".tag=7" of a command; "" where it has none.
std::string TagOf(const std::vector<std::string>& command);

// Answers GETs until the client closes.
RouterScript ServeRest(SampleTables tables);
std::string HttpAnswer(const std::string& status, const std::string& body,
                       const std::string& headers = "");
std::string RestTable(const std::vector<SampleRow>& rows, bool is_single = false);

// What was read, a line each, in the router's order; without the time.
std::string Described(const RouterReading& reading);

}  // namespace usage::testing
