// What a check has found.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace usage::doctor {

enum class Verdict {
  kGood,
  kNotChecked,  // for want of a configuration; changes no exit status
  kWarning,     // works, and will not for ever, or not as it could
  kBroken,      // numbers are missing or wrong, or about to be
};

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;                // "source panel"
  std::string seen;                   // what was seen, with its numbers
  std::string remedy;                 // a sentence; "" of good ones
  std::vector<std::string> commands;  // SQL or shell, a line each, to be copied; never run by us
};

// A check's findings, as they come: what was found before the time was over stays. Thread-safe.
class Notes {
 public:
  void Good(std::string subject, std::string seen) {
    Add({Verdict::kGood, std::move(subject), std::move(seen), "", {}});
  }
  void Warn(std::string subject, std::string seen, std::string remedy,
            std::vector<std::string> commands = {}) {
    Add({Verdict::kWarning, std::move(subject), std::move(seen), std::move(remedy),
         std::move(commands)});
  }
  void Broken(std::string subject, std::string seen, std::string remedy,
              std::vector<std::string> commands = {}) {
    Add({Verdict::kBroken, std::move(subject), std::move(seen), std::move(remedy),
         std::move(commands)});
  }
  // `key`: what would have to stand in the configuration.
  void NotChecked(std::string subject, const std::string& key) {
    Add({Verdict::kNotChecked, std::move(subject), "not checked", "add " + key, {}});
  }
  // For want of a part that another check looks at.
  void NotSeen(std::string subject, const std::string& check) {
    Add({Verdict::kNotChecked, std::move(subject), "not checked", "see " + check, {}});
  }

  std::vector<Finding> all() const {
    std::lock_guard lock(mutex_);
    return findings_;
  }

 private:
  void Add(Finding finding) {
    std::lock_guard lock(mutex_);
    findings_.push_back(std::move(finding));
  }

  mutable std::mutex mutex_;  // guards findings_
  std::vector<Finding> findings_;
};

}  // namespace usage::doctor
