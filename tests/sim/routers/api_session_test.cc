#include "sim/routers/api_session.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "tests/sim/routers/fixed_model.h"
#include "tests/sim/routers/scripted_stream.h"

namespace usage::sim {
namespace {

// The next sentence; none, too, where something else than a word follows.
std::optional<Sentence> NextOf(SentenceReader& reader) try {
  return reader.Next();
} catch (const std::runtime_error&) {
  return std::nullopt;
}

// Sentences as lines; attributes in order, because theirs means nothing.
std::string Text(const std::string& bytes) {
  SentenceReader reader;
  reader.Add(bytes);
  std::string text;
  while (auto words = NextOf(reader)) {
    std::sort(words->begin() + 1, words->end());
    std::string line;
    for (const std::string& word : *words) line += (line.empty() ? "" : " ") + word;
    text += line + "\n";
  }
  return text;
}

struct Talk {
  RouterFaults faults;
  bool with_sessions = true;

  // What the router answers to these, raw.
  std::string Bytes(const std::vector<Sentence>& said, size_t piece = 1 << 20) const {
    FixedModel model(with_sessions);
    RouterService service(model, {0, faults, {"usage", "secret"}, {}, 1});
    std::string bytes;
    for (const Sentence& sentence : said) bytes += EncodeSentence(sentence);
    ScriptedStream stream(bytes, piece);
    ApiSession(stream, service).Run();
    return stream.heard();
  }
  std::string SignedIn(std::vector<Sentence> said) const {
    said.insert(said.begin(), {"/login", "=name=usage", "=password=secret"});
    return Bytes(said);
  }
  Talk With(RouterFault fault) const {
    Talk talk = *this;
    talk.faults.Set(fault, 1);
    return talk;
  }
};

const Sentence kNames = {"/interface/print", "=.proplist=name,rx-byte", "?type=pppoe-in"};

TEST(ApiSession, PrintsWhatIsAskedFor) {
  EXPECT_EQ(Text(Talk().SignedIn({kNames})),
            "!done\n"
            "!re =name=<pppoe-ann@north> =rx-byte=3000\n"
            "!re =name=<pppoe-ben@north> =rx-byte=5000\n"
            "!done\n");
}

TEST(ApiSession, UnderstandsAClientThatSendsByteByByte) {
  Talk talk;
  std::vector<Sentence> said = {{"/login", "=name=usage", "=password=secret"}, kNames};
  EXPECT_EQ(Text(talk.Bytes(said, 1)), Text(talk.Bytes(said)));
}

TEST(ApiSession, AWrongPasswordIsATrapAndNothingElseIsAnsweredThen) {
  EXPECT_EQ(Text(Talk().Bytes({{"/login", "=name=usage", "=password=guess"}, kNames})),
            "!trap =message=invalid user name or password (6)\n"
            "!done\n"
            "!fatal not logged in\n");
}

TEST(ApiSession, TheOldLoginHasAChallenge) {
  Talk old = Talk().With(RouterFault::kOldLogin);
  std::string first = Text(old.Bytes({{"/login"}}));
  ASSERT_EQ(first.substr(0, 11), "!done =ret=");
  std::string digits = first.substr(11, 32), challenge;
  for (size_t i = 0; i < 32; i += 2) {
    challenge += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  const std::string text = '\0' + std::string("secret") + challenge;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ASSERT_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr), 1);
  std::string response = "00";
  for (unsigned i = 0; i < size; ++i) {
    char byte[4];
    std::snprintf(byte, sizeof byte, "%02x", digest[i]);
    response += byte;
  }
  // The same seed, the same challenge.
  EXPECT_EQ(Text(old.Bytes({{"/login"}, {"/login", "=name=usage", "=response=" + response}})),
            first + "!done\n");
  EXPECT_EQ(Text(old.Bytes({{"/login"}, {"/login", "=name=usage", "=response=00"}})),
            first + "!trap =message=invalid user name or password (6)\n!done\n");
}

TEST(ApiSession, AnEmptyTableSaysSoSince718) {
  Talk nobody{{}, false};
  EXPECT_EQ(Text(nobody.SignedIn({{"/ppp/active/print", ".tag=a"}})), "!done\n!done .tag=a\n");
  EXPECT_EQ(Text(nobody.With(RouterFault::kEmpty).SignedIn({{"/ppp/active/print", ".tag=a"}})),
            "!done\n!empty .tag=a\n!done .tag=a\n");
}

TEST(ApiSession, CancelEndsTheCommandWithThatTag) {
  EXPECT_EQ(Text(Talk().SignedIn({{"/interface/listen", ".tag=x"},
                                  {"/system/identity/print", ".tag=y"},
                                  {"/cancel", "=tag=x", ".tag=z"}})),
            "!done\n"
            "!trap .tag=x =category=2 =message=interrupted\n"
            "!done .tag=x\n"
            "!done .tag=z\n"
            "!re .tag=y =name=Old Mill\n"
            "!done .tag=y\n");
}

TEST(ApiSession, WhatItDoesNotKnowIsATrap) {
  EXPECT_EQ(Text(Talk().SignedIn({{"/no/such/print", ".tag=1"}, {"/interface/fly"}, {"print"}})),
            "!done\n"
            "!trap .tag=1 =category=0 =message=no such command prefix\n!done .tag=1\n"
            "!trap =category=0 =message=no such command or directory (fly)\n!done\n"
            "!trap =category=0 =message=no such command\n!done\n");
}

TEST(ApiSession, FaultsComeInTheMiddleOfAnAnswer) {
  Talk talk;
  std::string login = EncodeSentence({"!done"});
  std::string whole = talk.SignedIn({kNames}).substr(login.size());
  auto answer = [&](RouterFault fault) {
    return talk.With(fault).SignedIn({kNames}).substr(login.size());
  };
  EXPECT_EQ(Text(answer(RouterFault::kTrap)),
            "!trap =category=4 =message=internal failure\n!done\n");
  EXPECT_EQ(Text(answer(RouterFault::kFatal)),
            "!re =name=<pppoe-ann@north> =rx-byte=3000\n!fatal router is shutting down\n");
  for (RouterFault fault :
       {RouterFault::kStall, RouterFault::kDrop, RouterFault::kTruncated, RouterFault::kReserved}) {
    std::string text = Text(answer(fault));
    EXPECT_EQ(text, "!re =name=<pppoe-ann@north> =rx-byte=3000\n") << static_cast<int>(fault);
    EXPECT_GT(answer(fault).size(), EncodeSentence({"!re"}).size());
  }
  EXPECT_TRUE(answer(RouterFault::kDrop).ends_with("<reset>"));
  EXPECT_TRUE(answer(RouterFault::kReserved).ends_with("\xF8\x01\x02\x03"));
  EXPECT_LT(answer(RouterFault::kStall).size(), whole.size());
}

}  // namespace
}  // namespace usage::sim
