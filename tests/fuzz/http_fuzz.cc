// Any bytes as what a client sends on a connection: each request in it is refused, or what becomes
// of it is one of the allowed paths with parameters that are known, given once, and enforced.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "gateway/request_shape.h"
#include "gateway/token_store.h"
#include "net/http_message.h"

namespace usage::gateway {
namespace {

const TenantMatcher kTenant{"tenant_id", "acme"};
constexpr std::string_view kMatcher = "tenant_id=\"acme\"}";

void Require(bool claim, const char* what, std::string_view text) {
  if (claim) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

void CheckForm(const ShapedRequest& shaped) {
  Form form;
  Require(ParseForm(shaped.form, &form), "sent a malformed form", shaped.form);
  std::set<std::string> seen;
  for (const auto& [name, value] : form) {
    const ParameterRule* rule = shaped.endpoint->Find(name);
    Require(rule != nullptr && !rule->is_own, "sent an unknown parameter", name);
    Require(seen.insert(name).second || rule->repeats, "sent a parameter twice", name);
    bool is_selector = rule->kind == ParameterKind::kSelector;
    Require(!is_selector || value.ends_with(kMatcher), "sent a selector as it came", value);
    if (rule->kind != ParameterKind::kQuery) continue;
    Require(bool(EnforceQuery(value, nullptr, {1 << 20, kDeepest})), "sent no query", value);
  }
}

void CheckShape(const RequestHead& head, const std::string& body) {
  auto shaped =
      Shape({head.method, head.target, head.fields.Value("Content-Type"), body}, &kTenant, {});
  if (auto* refusal = std::get_if<Refusal>(&shaped)) {
    Require(refusal->status >= 400 && refusal->status < 500, "an odd refusal", refusal->message);
    ErrorJson(refusal->error_type, refusal->message);
    return;
  }
  const auto& request = std::get<ShapedRequest>(shaped);
  Require(FindEndpoint(request.path) == request.endpoint, "sent another path", request.path);
  Require(request.path.find_first_of("%?#\\;. ") == std::string::npos, "an odd path", request.path);
  CheckForm(request);
}

// The same body, however its bytes are cut.
bool TakeChunks(std::string_view* bytes, std::string* body) {
  ChunkDecoder whole, cut;
  std::string_view rest = *bytes;
  std::string piecewise;
  ChunkDecoder::State state = whole.Feed(&rest, body), other = ChunkDecoder::State::kMore;
  for (size_t at = 0; at < bytes->size() && other == ChunkDecoder::State::kMore; ++at) {
    std::string_view one = bytes->substr(at, 1);
    other = cut.Feed(&one, &piecewise);
  }
  Require(state == other && *body == piecewise, "chunks depend on how they come", *bytes);
  *bytes = rest;
  return state == ChunkDecoder::State::kDone;
}

bool TakeBody(const BodyFrame& frame, std::string_view* bytes, std::string* body) {
  if (frame.kind == BodyFrame::Kind::kChunked) return TakeChunks(bytes, body);
  if (frame.length > bytes->size()) return false;
  *body = bytes->substr(0, frame.length);
  bytes->remove_prefix(frame.length);
  return true;
}

void CheckConnection(std::string_view bytes) {
  for (size_t end = HeadEnd(bytes); end != std::string_view::npos; end = HeadEnd(bytes)) {
    std::string_view text = bytes.substr(0, end);
    ParseResponseHead(text);
    auto parsed = ParseRequestHead(text);
    auto* head = std::get_if<RequestHead>(&parsed);
    if (head == nullptr) return;
    Require(head->fields.Count("Content-Length") + head->fields.Count("Transfer-Encoding") <= 1,
            "two ends of one body", text);
    bytes.remove_prefix(end);
    std::string body;
    if (!TakeBody(head->body, &bytes, &body)) return;
    TokenOf(head->fields, "X-Usage-Token");
    CheckShape(*head, body);
  }
}

}  // namespace
}  // namespace usage::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  usage::gateway::CheckConnection({reinterpret_cast<const char*>(data), size});
  return 0;
}
