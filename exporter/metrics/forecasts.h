// The forecasts of a snapshot's tenants.
#pragma once

#include "metrics/history.h"
#include "metrics/snapshot.h"

namespace usage {

// Fills in the forecast of each tenant that has ever had a session, from the snapshot's own bytes
// and what `history` says of the closed days.
void AddForecasts(const History& history, Snapshot* snapshot);

}  // namespace usage
