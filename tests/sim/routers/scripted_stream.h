// A client that has said all that it will say.
#pragma once

#include <string>

#include "sim/routers/stream.h"

namespace usage::sim {

class ScriptedStream : public Stream {
 public:
  // Gives `piece` bytes at a time.
  explicit ScriptedStream(std::string said, size_t piece = 1 << 20)
      : said_(std::move(said)), piece_(piece) {}

  std::string Read(std::chrono::milliseconds wait) override {
    if (said_.empty() && ended_) throw StreamEnd();
    if (said_.empty()) {
      // What is under way is answered first: the client leaves when the server has nothing to do.
      ended_ = wait.count() > 0;
      return "";
    }
    std::string piece = said_.substr(0, piece_);
    said_.erase(0, piece.size());
    return piece;
  }
  void Write(std::string_view bytes) override { heard_ += bytes; }
  void Reset() override {
    heard_ += "<reset>";
    throw StreamEnd();
  }

  const std::string& heard() const { return heard_; }

 private:
  std::string said_;
  size_t piece_;
  std::string heard_;
  bool ended_ = false;
};

}  // namespace usage::sim
