#include "api/readiness.h"

namespace usage {
namespace {

std::string WithError(std::string what, const std::string& error) {
  if (!error.empty()) what += ": " + error;
  return what + "\n";
}

}  // namespace

std::string WhyNotReady(const Snapshot* snapshot) {
  if (snapshot == nullptr) return "the first cycle has not finished yet\n";
  if (snapshot->ready) return "";
  std::string why;
  const ExporterStatus& exporter = snapshot->exporter;
  if (!exporter.ledger.up) why += WithError("the ledger can't be written", exporter.ledger.error);
  if (!exporter.tenants_up) why += WithError("the tenants are not known", exporter.tenants_error);
  for (const SourceStatus& source : snapshot->sources) {
    if (source.last_success) continue;
    why += WithError("source " + source.name + " has not been read yet", source.last_error);
  }
  return why.empty() ? "the first exact cycle has not finished yet\n" : why;
}

}  // namespace usage
