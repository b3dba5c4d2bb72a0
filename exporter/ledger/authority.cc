#include "ledger/authority.h"

#include <algorithm>

namespace usage {
namespace {

// Where nothing was ever counted a counter that says nothing goes on saying nothing.
void Raise(uint64_t least, bool is_larger_meant, std::optional<uint64_t>* counter) {
  if (is_larger_meant) least = std::max(least, counter->value_or(0));
  if (*counter || least > 0) *counter = least;
}

}  // namespace

bool IsOutdated(const RouterWord& word, const Observation& seen, Duration silence) {
  const auto accountings = seen.stopped ? seen.stopped : seen.stamp;
  return accountings && *accountings - word.at > silence;
}

void Overrule(Authority authority, const RouterWord& word, const Baseline& before, Duration silence,
              Observation* seen) {
  if (authority == Authority::kAccounting) return;
  const bool is_larger_meant = authority == Authority::kMax || IsOutdated(word, *seen, silence);
  Raise(std::max(word.counted.upload, before.counted.upload), is_larger_meant, &seen->upload);
  Raise(std::max(word.counted.download, before.counted.download), is_larger_meant, &seen->download);
}

std::optional<Observation> ObservationOf(const RouterWord& word, const Session& session,
                                         const AccountName& account) {
  const Volume counted = session.baseline.counted;
  const bool has_news =
      word.counted.upload > counted.upload || word.counted.download > counted.download;
  if (!has_news || session.baseline.closed) return std::nullopt;
  Observation seen;
  seen.key = session.name.key;
  seen.tenant = account.tenant;
  seen.subscriber = account.subscriber;
  seen.access = account.access;
  seen.started = session.baseline.started;
  seen.stamp = word.at;
  seen.upload = std::max(word.counted.upload, counted.upload);
  seen.download = std::max(word.counted.download, counted.download);
  return seen;
}

}  // namespace usage
