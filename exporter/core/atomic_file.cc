#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace usage {
namespace {

constexpr auto kLockPause = std::chrono::milliseconds(20);

[[noreturn]] void Fail(const std::string& what, const std::string& path) {
  throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

std::string FolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

// Of the file that is replaced, or of its folder when there is none.
void TakeOverOwner(const std::string& path, int fd) {
  struct stat info {};
  bool known = ::stat(path.c_str(), &info) == 0 || ::stat(FolderOf(path).c_str(), &info) == 0;
  if (!known || ::geteuid() != 0) return;
  if (::fchown(fd, info.st_uid, info.st_gid) != 0) Fail("can't set the owner of", path);
}

void WriteAll(int fd, const std::string& text, const std::string& path) {
  for (size_t at = 0; at < text.size();) {
    ssize_t size = ::write(fd, text.data() + at, text.size() - at);
    if (size < 0 && errno != EINTR) Fail("can't write", path);
    if (size > 0) at += static_cast<size_t>(size);
  }
}

// A rename is on disk once its folder is.
void SyncFolder(const std::string& path) {
  int fd = ::open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

FileDraft::FileDraft(std::string path, const std::string& text, mode_t mode)
    : path_(std::move(path)), name_(path_ + ".new") {
  try {
    Write(text, mode);
  } catch (...) {
    ::unlink(name_.c_str());
    throw;
  }
}

FileDraft::~FileDraft() {
  if (is_there_) ::unlink(name_.c_str());
}

// Closed to others until it has its owner and its mode.
void FileDraft::Write(const std::string& text, mode_t mode) {
  ::unlink(name_.c_str());
  const Descriptor file(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) Fail("can't write", name_);
  TakeOverOwner(path_, file.get());
  if (::fchmod(file.get(), mode) != 0) Fail("can't set the mode of", name_);
  WriteAll(file.get(), text, name_);
  if (::fsync(file.get()) != 0) Fail("can't write", name_);
}

void FileDraft::Commit() {
  if (::rename(name_.c_str(), path_.c_str()) != 0) Fail("can't replace", path_);
  is_there_ = false;
  SyncFolder(path_);
}

FileLock::FileLock(const std::string& path, std::chrono::milliseconds patience)
    : fd_(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (fd_ < 0) Fail("its folder must be there, and writable: can't open", path + ".lock");
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const bool is_late = std::chrono::steady_clock::now() >= deadline;
    if ((errno == EWOULDBLOCK || errno == EINTR) && !is_late) {
      std::this_thread::sleep_for(kLockPause);
      continue;
    }
    ::close(fd_);
    if (!is_late) Fail("can't lock", path + ".lock");
    throw std::runtime_error(path + ": another usagectl works on it; wait until it has ended");
  }
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace usage
