#include "storage/journal_codec.h"

#include <cstdint>

namespace usage {
namespace {

constexpr uint8_t kFormat = 1;

// Numbers as LEB128, signed ones zigzag before it.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  void Number(uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_->push_back(static_cast<char>(v | 0x80));
    out_->push_back(static_cast<char>(v));
  }
  void Signed(int64_t v) {
    Number((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63));
  }
  void Text(std::string_view text) {
    Number(text.size());
    out_->append(text);
  }
  void Bytes(Volume v) {
    Number(v.upload);
    Number(v.download);
  }
  void Time(Instant t, Instant base) { Signed(UnixMicros(t) - UnixMicros(base)); }
  void Time(std::optional<Instant> t, Instant base) {
    if (t) Time(*t, base);
  }

 private:
  std::string* out_;
};

// Wraps around where the bytes are no record: overflow is undefined.
int64_t Sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  uint64_t Number() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint64_t byte = Byte();
      v |= (byte & 0x7f) << shift;
      if (byte < 0x80) return v;
    }
    throw JournalError("a journal record holds a number of more than 64 bits");
  }
  int64_t Signed() {
    uint64_t v = Number();
    return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1);
  }
  std::string Text() {
    uint64_t size = Number();
    if (size > in_.size()) Fail();
    std::string text(in_.substr(0, size));
    in_.remove_prefix(size);
    return text;
  }
  Volume Bytes() {
    Volume v;
    v.upload = Number();
    v.download = Number();
    return v;
  }
  Instant Time(Instant base) { return FromUnixMicros(Sum(UnixMicros(base), Signed())); }
  // The count of a list whose items take at least a byte each.
  uint64_t Count() {
    uint64_t count = Number();
    if (count > in_.size()) Fail();
    return count;
  }
  bool done() const { return in_.empty(); }

 private:
  [[noreturn]] static void Fail() { throw JournalError("a journal record is cut off"); }

  uint64_t Byte() {
    if (in_.empty()) Fail();
    auto byte = static_cast<uint8_t>(in_.front());
    in_.remove_prefix(1);
    return byte;
  }

  std::string_view in_;
};

// What a session's entry has, besides the numbers that are always there.
constexpr uint64_t kIsOpened = 1;
constexpr uint64_t kHasStarted = 2;
constexpr uint64_t kHasStamp = 4;
constexpr uint64_t kHasClosed = 8;
constexpr uint64_t kByReadersClock = 16;
constexpr uint64_t kRefused = 32;
constexpr uint64_t kCountsAsStarted = 64;
constexpr uint64_t kCountsAsEnded = 128;

uint64_t FlagsOf(const SessionChange& s) {
  const Baseline& b = s.after;
  uint64_t flags = 0;
  if (s.opened) flags |= kIsOpened;
  if (b.started) flags |= kHasStarted;
  if (b.stamp) flags |= kHasStamp;
  if (b.closed) flags |= kHasClosed;
  if (b.by_readers_clock) flags |= kByReadersClock;
  if (b.refused) flags |= kRefused;
  if (s.started) flags |= kCountsAsStarted;
  if (s.ended) flags |= kCountsAsEnded;
  return flags;
}

void Put(Writer& out, const NewAccount& account) {
  out.Number(account.ref);
  out.Text(account.name.tenant);
  out.Number(static_cast<uint64_t>(account.name.access));
  out.Text(account.name.subscriber);
}

Access GetAccess(Reader& in) {
  uint64_t access = in.Number();
  if (access >= kAccessCount) throw JournalError("a journal record holds an unknown access");
  return static_cast<Access>(access);
}

NewAccount GetAccount(Reader& in) {
  NewAccount account;
  account.ref = static_cast<AccountRef>(in.Number());
  account.name.tenant = in.Text();
  account.name.access = GetAccess(in);
  account.name.subscriber = in.Text();
  return account;
}

void Put(Writer& out, const SessionChange& s, Instant base) {
  out.Number(FlagsOf(s));
  out.Number(s.ref);
  out.Number(s.account);
  if (s.opened) {
    out.Number(s.opened->source);
    out.Text(s.opened->key);
  }
  out.Bytes(s.after.counted);
  out.Bytes(s.after.booked);
  out.Time(s.after.mark, base);
  out.Time(s.after.started, base);
  out.Time(s.after.stamp, base);
  out.Time(s.after.closed, base);
}

SessionChange GetSession(Reader& in, Instant base) {
  SessionChange s;
  uint64_t flags = in.Number();
  s.ref = in.Number();
  s.account = static_cast<AccountRef>(in.Number());
  if (flags & kIsOpened) {
    s.opened.emplace();
    s.opened->source = static_cast<SourceRef>(in.Number());
    s.opened->key = in.Text();
  }
  s.after.counted = in.Bytes();
  s.after.booked = in.Bytes();
  s.after.mark = in.Time(base);
  if (flags & kHasStarted) s.after.started = in.Time(base);
  if (flags & kHasStamp) s.after.stamp = in.Time(base);
  if (flags & kHasClosed) s.after.closed = in.Time(base);
  s.after.by_readers_clock = (flags & kByReadersClock) != 0;
  s.after.refused = (flags & kRefused) != 0;
  s.started = (flags & kCountsAsStarted) != 0;
  s.ended = (flags & kCountsAsEnded) != 0;
  return s;
}

void Put(Writer& out, const Share& share) {
  out.Number(share.session);
  out.Number(share.account);
  out.Signed(share.day.number);
  out.Signed(share.day.number - share.period.number);
  out.Bytes(share.volume);
  out.Number(share.late);
}

Share GetShare(Reader& in) {
  Share share;
  share.session = in.Number();
  share.account = static_cast<AccountRef>(in.Number());
  share.day.number = static_cast<int32_t>(in.Signed());
  share.period.number = static_cast<int32_t>(Sum(share.day.number, Sum(~in.Signed(), 1)));
  share.volume = in.Bytes();
  share.late = in.Number() != 0;
  return share;
}

void Put(Writer& out, const Parked& parked, Instant base) {
  out.Number(parked.session);
  out.Number(parked.account);
  out.Number(parked.source);
  out.Time(parked.flow.from, base);
  out.Time(parked.flow.to, base);
  out.Bytes(parked.flow.volume);
}

Parked GetParked(Reader& in, Instant base) {
  Parked parked;
  parked.session = in.Number();
  parked.account = static_cast<AccountRef>(in.Number());
  parked.source = static_cast<SourceRef>(in.Number());
  parked.flow.from = in.Time(base);
  parked.flow.to = in.Time(base);
  parked.flow.volume = in.Bytes();
  return parked;
}

template <typename Items, typename... Base>
void PutAll(Writer& out, const Items& items, Base... base) {
  out.Number(items.size());
  for (const auto& item : items) Put(out, item, base...);
}

template <typename Items, typename Get>
void GetAll(Reader& in, Items* items, Get get) {
  uint64_t count = in.Count();
  items->reserve(count);
  for (; count > 0; --count) items->push_back(get());
}

}  // namespace

std::string EncodeChange(const Change& change) {
  std::string record;
  record.reserve(64 + change.sessions.size() * 40 + change.shares.size() * 20);
  Writer out(&record);
  out.Number(kFormat);
  out.Number(change.source);
  out.Signed(UnixMicros(change.at));
  PutAll(out, change.accounts);
  PutAll(out, change.sessions, change.at);
  PutAll(out, change.shares);
  PutAll(out, change.parked, change.at);
  PutAll(out, change.unparked, change.at);
  return record;
}

Change DecodeChange(std::string_view record) {
  Reader in(record);
  if (in.Number() != kFormat) {
    throw JournalError("a journal record has an unknown format: was a newer exporter here?");
  }
  Change change;
  change.source = static_cast<SourceRef>(in.Number());
  change.at = FromUnixMicros(in.Signed());
  GetAll(in, &change.accounts, [&] { return GetAccount(in); });
  GetAll(in, &change.sessions, [&] { return GetSession(in, change.at); });
  GetAll(in, &change.shares, [&] { return GetShare(in); });
  GetAll(in, &change.parked, [&] { return GetParked(in, change.at); });
  GetAll(in, &change.unparked, [&] { return GetParked(in, change.at); });
  if (!in.done()) throw JournalError("a journal record is longer than its content");
  return change;
}

}  // namespace usage
