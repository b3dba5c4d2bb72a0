// Reads an org back from Grafana and compares it with what it should be.
#pragma once

#include <string>
#include <vector>

#include "grafana/client.h"
#include "grafana/org_parts.h"
#include "storage/org_store.h"

namespace usage::grafana {

// Takes out of kept->applied what Grafana does not have, and spoils the hash of what it has
// otherwise: so a plan brings it back. Returns what is there beyond and could lead around the
// gateway: other data sources, other admins. Secrets can't be read: that they are set, they can.
// Throws GrafanaError.
std::vector<std::string> VerifyOrg(Client& client, const WantedOrg& wanted,
                                   const std::string& admin, KeptOrg* kept);

}  // namespace usage::grafana
