#include "doctor/report.h"

#include <nlohmann/json.hpp>

#include "core/wrap.h"
#include "doctor/amounts.h"

namespace usage::doctor {
namespace {

constexpr size_t kIndent = 12;  // of what stands behind the verdict

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "ok";
    case Verdict::kNotChecked:
      return "not checked";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kBroken:
      return "broken";
  }
  return "";
}

std::string Mark(Verdict verdict, const Paint& paint) {
  switch (verdict) {
    case Verdict::kGood:
      return paint.Good("  ok        ");
    case Verdict::kNotChecked:
      return paint.Faint("  -         ");
    case Verdict::kWarning:
      return paint.Warning("  warning   ");
    case Verdict::kBroken:
      return paint.Broken("  BROKEN    ");
  }
  return "";
}

std::string TextOf(const Finding& finding, const Paint& paint) {
  std::string text = Mark(finding.verdict, paint);
  if (finding.verdict == Verdict::kNotChecked) {
    return text +
           paint.Faint(
               Wrapped(finding.subject + ": not checked: " + finding.remedy, kIndent, kIndent)) +
           "\n";
  }
  text += Wrapped(finding.subject + ": " + finding.seen, kIndent, kIndent) + "\n";
  const std::string indent(kIndent, ' ');
  if (!finding.remedy.empty()) {
    text += indent + Wrapped("> " + finding.remedy, kIndent + 2, kIndent) + "\n";
  }
  for (const std::string& command : finding.commands) text += indent + "    " + command + "\n";
  return text;
}

std::string SumOf(const Examination& examination, const Paint& paint) {
  auto part = [&](Verdict verdict, const std::string& word) {
    return std::to_string(examination.Count(verdict)) + " " + word;
  };
  const std::string counts =
      part(Verdict::kGood, "ok") + ", " + part(Verdict::kWarning, "warning(s)") + ", " +
      part(Verdict::kBroken, "broken") + ", " + part(Verdict::kNotChecked, "not checked");
  switch (examination.ExitStatus()) {
    case 0:
      return paint.Good("All is well") + ": " + counts + "\n";
    case 1:
      return paint.Warning("There is something to do") + ": " + counts + "\n";
    default:
      return paint.Broken("Something is broken") + ": " + counts + "\n";
  }
}

}  // namespace

const char* OftenWord(Often often) {
  switch (often) {
    case Often::kDaily:
      return "daily";
    case Often::kWeekly:
      return "weekly";
    case Often::kMonthly:
      return "monthly";
  }
  return "";
}

std::string ReportText(const Examination& examination, const Paint& paint) {
  std::string text;
  for (const Result& result : examination.results) {
    if (result.findings.empty()) continue;
    text += paint.Bold(result.check->title) + "\n";
    for (const Finding& finding : result.findings) text += TextOf(finding, paint);
    text += "\n";
  }
  return text + SumOf(examination, paint);
}

std::string ReportJson(const Examination& examination) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Result& result : examination.results) {
    for (const Finding& finding : result.findings) {
      findings.push_back({{"check", result.check->name},
                          {"verdict", Word(finding.verdict)},
                          {"subject", finding.subject},
                          {"seen", finding.seen},
                          {"remedy", finding.remedy},
                          {"commands", finding.commands}});
    }
  }
  const nlohmann::ordered_json json = {{"status", examination.ExitStatus()},
                                       {"ok", examination.Count(Verdict::kGood)},
                                       {"warnings", examination.Count(Verdict::kWarning)},
                                       {"broken", examination.Count(Verdict::kBroken)},
                                       {"not_checked", examination.Count(Verdict::kNotChecked)},
                                       {"findings", std::move(findings)}};
  // What a server said may be no UTF-8.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string ListText() {
  std::string text;
  for (const Check& check : Checks()) {
    std::string name = check.name, often = OftenWord(check.often);
    name.resize(14, ' ');
    often.resize(9, ' ');
    text += name + often + check.title + "\n";
  }
  return text;
}

}  // namespace usage::doctor
