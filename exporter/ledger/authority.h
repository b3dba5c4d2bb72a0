// Whose number is booked: accounting's or the router's. Pure.
#pragma once

#include "config/config.h"
#include "core/observation.h"
#include "ledger/booking.h"
#include "ledger/router_books.h"

namespace usage {

// Replaces the counters of `seen`, a session that `word` is of and of which `before` was counted,
// by those that the authority books. Never less than was counted: so a router that begins anew is
// no reset. A router that was silent for longer than `silence` before accounting's word is no
// authority any more: the larger of the two is booked.
void Overrule(Authority authority, const RouterWord& word, const Baseline& before, Duration silence,
              Observation* seen);

// Whether the router was silent for so long.
bool IsOutdated(const RouterWord& word, const Observation& seen, Duration silence);

// The session as it was observed last, with the router's word for its counters: what is booked
// where the authority does not wait for accounting. No value: nothing new.
std::optional<Observation> ObservationOf(const RouterWord& word, const Session& session,
                                         const AccountName& account);

}  // namespace usage
