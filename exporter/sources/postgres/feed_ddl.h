// The trigger that tells which rows have changed: shown to the operator, never applied.
#pragma once

#include <string>

#include "config/config.h"

namespace usage {

// The payload that stands for more keys than one has room for.
inline constexpr char kFeedMany[] = "many";

// Statements that make the feed of this source, and may be run again: they leave what they find in
// order. The source has a notify_channel.
std::string FeedDdl(const SourceConfig& config);
// Statements that take it away whole.
std::string FeedDropDdl(const SourceConfig& config);

}  // namespace usage
