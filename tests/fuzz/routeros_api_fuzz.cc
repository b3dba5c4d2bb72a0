// Any bytes as what a router says by the binary API: its sentences do not depend on how the bytes
// are cut, come back when they are written again, and make a reading in which every text is UTF-8.
#include "sources/routers/routeros_reply.h"
#include "sources/routers/routeros_words.h"
#include "tests/fuzz/routeros_claims.h"

namespace usage {
namespace {

using State = SentenceDecoder::State;
using Sentences = std::vector<std::vector<std::string>>;

// In pieces of that size. Returns the last state.
State Decode(std::string_view bytes, size_t piece, Sentences* sentences) {
  SentenceDecoder decoder;
  State state = State::kMore;
  while (!bytes.empty() && (state == State::kMore || state == State::kSentence)) {
    std::string_view one = bytes.substr(0, piece);
    bytes.remove_prefix(one.size());
    while (!one.empty() && (state == State::kMore || state == State::kSentence)) {
      state = decoder.Feed(&one);
      if (state != State::kSentence) continue;
      sentences->emplace_back(decoder.words().begin(), decoder.words().end());
    }
  }
  return state;
}

void CheckWords(const Sentences& sentences) {
  std::string written;
  for (const auto& sentence : sentences) AppendApiSentence(sentence, &written);
  Sentences again;
  Decode(written, written.size() + 1, &again);
  Require(again == sentences, "read as other sentences", written);
}

void CheckReplies(const Sentences& sentences) {
  static const RouterConfig router = WholeRouter();
  OsReading reading(router);
  ApiReply reply;
  for (const auto& sentence : sentences) {
    ReadApiReply({sentence.begin(), sentence.end()}, &reply);
    const auto response = ChallengeResponse("secret", reply.Value("ret"));
    Require(!response || response->size() == 34, "an odd response", sentence[0]);
    const auto table = static_cast<OsTable>(reply.tag % 7);
    if (reply.kind == ApiReplyKind::kRow) reading.Take(table, reply.attributes);
  }
  CheckReading(reading.Finish());
}

void Check(std::string_view bytes) {
  Sentences whole, cut;
  const State state = Decode(bytes, bytes.size() + 1, &whole);
  Require(Decode(bytes, 1, &cut) == state && whole == cut, "depends on how it comes", bytes);
  CheckWords(whole);
  CheckReplies(whole);
}

}  // namespace
}  // namespace usage

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  usage::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
