// Reads the books back.
#pragma once

#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace pqxx {
class transaction_base;
}

namespace usage {

// Everything that the present needs: tenants, totals, the current days and months, the open
// sessions. Not the journal. The ledger is new and empty.
void LoadTables(pqxx::transaction_base& tx, Instant now, Ledger* ledger);

// All tenants that the ledger knows, by id.
std::vector<TenantProfile> LoadProfiles(pqxx::transaction_base& tx);

// Sessions and accounts by name, of those that LoadTables left out.
void LoadMissing(pqxx::transaction_base& tx, SourceRef source, const Missing& missing,
                 Ledger* ledger);

void LoadMissing(pqxx::transaction_base& tx, const MissingRefs& missing, Ledger* ledger);

void LoadAccountsByRef(pqxx::transaction_base& tx, const std::vector<AccountRef>& accounts,
                       Ledger* ledger);

std::vector<Parked> LoadParked(pqxx::transaction_base& tx, const std::vector<std::string>& tenants);

// A tenant's row.
void SaveTenant(pqxx::transaction_base& tx, const TenantProfile& profile);

}  // namespace usage
