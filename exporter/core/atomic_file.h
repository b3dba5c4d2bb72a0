// A file that other programs read while it is written: they see the old one or the new one, whole.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace usage {

// Written beside a file, to take its place. Of the owner that the file (else its folder) has, so
// that root may write what another user reads. One at a time for a file: hold a FileLock. What a
// killed one leaves behind, the next one replaces. Throws std::runtime_error.
class FileDraft {
 public:
  // On disk when it returns, as `path`.new.
  FileDraft(std::string path, const std::string& text, mode_t mode);
  ~FileDraft();
  FileDraft(const FileDraft&) = delete;
  FileDraft& operator=(const FileDraft&) = delete;

  const std::string& name() const { return name_; }
  // Takes the place; on disk when it returns.
  void Commit();

 private:
  void Write(const std::string& text, mode_t mode);

  const std::string path_;
  const std::string name_;
  bool is_there_ = true;
};

// Held by whoever reads, changes and writes a file. On a file of its own, `path`.lock: the file
// itself is replaced.
class FileLock {
 public:
  // Waits for others. Throws std::runtime_error after `patience`.
  explicit FileLock(const std::string& path,
                    std::chrono::milliseconds patience = std::chrono::minutes(1));
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

}  // namespace usage
