// An HTTP/1.1 client for tests that sees what goes over the wire, and what a stream does.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace usage::testing {

struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// A connection to 127.0.0.1. Whatever takes longer than a minute throws.
class Connection {
 public:
  explicit Connection(int port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Send(std::string_view bytes);
  // Everything up to and with `end`.
  std::string ReadThrough(std::string_view end);
  std::string Read(size_t size);
  std::string ReadToEnd();

 private:
  bool Receive();  // false at the end

  int fd_;
  std::string received_;
};

// One request on a connection of its own. `headers` as lines that end in "\r\n".
Reply Fetch(int port, const std::string& method, const std::string& path,
            const std::string& headers = "");

struct Event {
  std::string id;
  std::string type;
  std::string data;
  std::string retry;
  bool comment = false;
};

// A client of an event stream.
class EventReader {
 public:
  EventReader(int port, const std::string& last_event_id);
  const Reply& reply() const { return reply_; }  // without a body
  Event Next();                                  // throws at the end of the stream
  bool AtEnd();                                  // waits for the next chunk

 private:
  bool ReadChunk();

  Connection connection_;
  Reply reply_;
  std::string pending_;
};

}  // namespace usage::testing
