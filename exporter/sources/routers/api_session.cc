#include "sources/routers/api_session.h"

namespace usage {

void ApiSession::Open(SteadyTime deadline) {
  link_.Open(deadline);
  decoder_ = SentenceDecoder();
  Login(deadline);
}

bool ApiSession::Send(const std::vector<std::vector<std::string>>& sentences, SteadyTime deadline) {
  std::string bytes;
  for (const auto& sentence : sentences) AppendApiSentence(sentence, &bytes);
  return link_.Send(bytes, deadline);
}

const ApiReply* ApiSession::Read(SteadyTime deadline) {
  for (;;) {
    std::string_view bytes = link_.in().view();
    const size_t before = bytes.size();
    const SentenceDecoder::State state = decoder_.Feed(&bytes);
    link_.in().Drop(before - bytes.size());
    bytes_ += before - bytes.size();
    if (state == SentenceDecoder::State::kSentence) break;
    if (state != SentenceDecoder::State::kMore) FailStream(state);
    if (!link_.Receive(deadline)) return nullptr;
  }
  ReadApiReply(decoder_.words(), &reply_);
  if (reply_.kind == ApiReplyKind::kFatal) EndByFatal();
  ++replies_;
  return &reply_;
}

void ApiSession::EndByFatal() {
  Close();
  throw LinkLost(
      RouterMessage(router_, "it ended the session (!fatal): " + RouterSaid(router_, reply_.text),
                    "look into its log, and at the limit of sessions of its API service"));
}

void ApiSession::FailStream(SentenceDecoder::State state) {
  if (state == SentenceDecoder::State::kReserved) {
    link_.Fail("it sent a reserved length byte: this is not RouterOS' binary API as we know it",
               "check the port: 8728 is plain, 8729 is TLS");
  }
  link_.Fail("it sent a word of more than 64 KiB or a sentence of more than 256 KiB",
             "check that the port is the API's");
}

const ApiReply& ApiSession::Ask(const std::vector<std::string>& sentence, SteadyTime deadline) {
  const ApiReply* reply = Send({sentence}, deadline) ? Read(deadline) : nullptr;
  if (reply != nullptr) return *reply;
  link_.Fail("no answer to the login in time",
             "check that the port is the API's and what keeps its CPU busy, or raise timeout");
}

void ApiSession::Login(SteadyTime deadline) {
  const ApiReply* reply =
      &Ask({"/login", "=name=" + router_.user, "=password=" + router_.password}, deadline);
  const std::string challenge(reply->Value("ret"));
  if (reply->kind == ApiReplyKind::kDone && !challenge.empty()) {
    const auto response = ChallengeResponse(router_.password, challenge);
    if (!response) link_.Fail("its login challenge is not 16 bytes", "update its RouterOS");
    reply = &Ask({"/login", "=name=" + router_.user, "=response=" + *response}, deadline);
  }
  if (reply->kind != ApiReplyKind::kDone) FailLogin(*reply);
}

void ApiSession::FailLogin(const ApiReply& reply) {
  const bool is_trap = reply.kind == ApiReplyKind::kTrap;
  const std::string_view said = is_trap ? reply.Value("message") : reply.text;
  link_.Fail("it refused the user " + router_.user + ": " + RouterSaid(router_, said),
             "check user and password, and that its group has the policies read and api");
}

}  // namespace usage
