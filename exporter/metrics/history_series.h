// The items of a history, each with the rendered text of its labels.
#pragma once

#include <deque>

#include "metrics/history.h"
#include "metrics/series.h"

namespace usage {

// Made for one page and thrown away with it: histories change once in minutes at the most, and the
// labels of a thousand tenants' days and months are megabytes. The history must outlive it.
class HistorySeries {
 public:
  explicit HistorySeries(const History& history);

  const SeriesTable& table() const { return table_; }

 private:
  void AddTenant(const TenantHistory& tenant);
  void AddAccess(const AccessPast& past, std::string_view tenant_id, Access access);
  void AddCurve(const std::vector<CurvePoint>& curve, std::string_view tenant_id,
                std::string_view month);
  template <typename S, typename Items, typename LabelsOf>
  void AddAll(const Items& items, LabelsOf labels_of);

  std::deque<LabelBlock> blocks_;
  SeriesTable table_;
};

}  // namespace usage
