// How the panel's table of sessions is read: the keys of a source, and of the write-back.
#pragma once

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

// All of them.
UserSessionsConfig ReadUserSessions(YamlMap* map);

// Those that tell which rows there are: without subscriber_sql and used_only.
UserSessionsConfig ReadSessionRows(YamlMap* map);

}  // namespace usage
