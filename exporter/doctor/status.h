// What is going on, in one screen: `usagectl status`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "doctor/examination.h"
#include "doctor/report.h"

namespace usage::doctor {

// The lines of the screen: they are asked as checks are, side by side and each within its time.
const std::vector<Check>& StatusLines();

Examination AskStatus(std::shared_ptr<const House> house);

// At most 24 lines of 80 columns.
std::string StatusText(const Examination& status, const Paint& paint);

}  // namespace usage::doctor
