#include "gateway/request_shape.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/units.h"
#include "core/utf8.h"
#include "gateway/api_values.h"
#include "net/http_message.h"

namespace usage::gateway {
namespace {

constexpr size_t kMostFieldsOfForm = 1000;
constexpr size_t kMostText = 1024;

// Ends the shaping; caught in Shape. An exception, because every step may end it.
struct Refused {
  Refusal refusal;
};

[[noreturn]] void Refuse(Refusal refusal) { throw Refused{std::move(refusal)}; }

bool IsPlainText(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto byte = static_cast<unsigned char>(text[at]);
    size_t size = Utf8CharacterSize(text, at);
    if (size == 0 || byte < 0x20 || byte == 0x7f) return false;
    at += size;
  }
  return text.size() <= kMostText;
}

bool IsFormType(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return SameName(type, "application/x-www-form-urlencoded");
}

std::string Seconds(std::chrono::milliseconds duration) { return FormatDuration(duration); }

class Shaper {
 public:
  Shaper(const TenantMatcher* tenant, const TenantLimits& limits)
      : tenant_(tenant), limits_(limits) {
    language_.max_bytes = limits.max_query_bytes == 0 ? SIZE_MAX : limits.max_query_bytes;
    language_.max_depth = limits.max_query_depth == 0 ? kDeepest : limits.max_query_depth;
  }

  ShapedRequest Shape(const ClientRequest& request) {
    std::string_view path = request.target.substr(0, request.target.find('?'));
    FindEndpointOf(path, request.method);
    Form form = ReadForm(request);
    CheckNames(form);
    for (const auto& [name, value] : form) CheckValue(*endpoint().Find(name), value);
    CheckRange();
    for (auto& [name, value] : form) Enforce(*endpoint().Find(name), &value);
    AddSelector(&form);
    std::erase_if(form, [&](const FormField& f) { return endpoint().Find(f.first)->is_own; });
    shaped_.path = path;
    shaped_.form = EncodeForm(form);
    return std::move(shaped_);
  }

 private:
  const Endpoint& endpoint() const { return *shaped_.endpoint; }

  void FindEndpointOf(std::string_view path, std::string_view method) {
    shaped_.endpoint = FindEndpoint(path);
    if (shaped_.endpoint == nullptr) Refuse({404, "not_found", "no such endpoint", "path"});
    if (method == "GET" || (method == "POST" && endpoint().allows_post)) return;
    Refusal refusal{405, "bad_data", "this endpoint does not take " + std::string(method),
                    "method"};
    refusal.allow = endpoint().allows_post ? "GET, POST" : "GET";
    Refuse(std::move(refusal));
  }

  // Of the URL and of the body, as one list: neither may carry what the other has already.
  static Form ReadForm(const ClientRequest& request) {
    Form form;
    size_t question = request.target.find('?');
    bool good =
        question == std::string_view::npos || ParseForm(request.target.substr(question + 1), &form);
    if (!good) Refuse({400, "bad_data", "the URL's parameters are malformed"});
    if (!request.body.empty() && !IsFormType(request.content_type)) {
      Refuse({415, "bad_data", "a body must be application/x-www-form-urlencoded"});
    }
    if (!ParseForm(request.body, &form)) {
      Refuse({400, "bad_data", "the body's parameters are malformed"});
    }
    if (form.size() > kMostFieldsOfForm) Refuse({400, "bad_data", "too many parameters"});
    return form;
  }

  void CheckNames(const Form& form) {
    std::map<std::string_view, int> seen;
    for (const auto& [name, value] : form) {
      const ParameterRule* rule = endpoint().Find(name);
      if (rule == nullptr) Refuse(BadParameter(name, "not a parameter of this endpoint"));
      if (++seen[name] > 1 && !rule->repeats) Refuse(BadParameter(name, "given more than once"));
    }
    for (const ParameterRule& rule : endpoint().parameters) {
      if (rule.required && !seen.contains(rule.name)) Refuse(BadParameter(rule.name, "missing"));
    }
  }

  void CheckValue(const ParameterRule& rule, const std::string& value) {
    switch (rule.kind) {
      case ParameterKind::kQuery:
      case ParameterKind::kSelector:
        return;  // Enforce
      case ParameterKind::kTime:
        return CheckTime(rule, value);
      case ParameterKind::kDuration:
      case ParameterKind::kStep:
        return CheckDuration(rule, value);
      case ParameterKind::kCount:
        return CheckCount(rule, value);
      case ParameterKind::kText:
        if (!IsPlainText(value)) Refuse(BadParameter(rule.name, "not a plain text"));
        return;
    }
  }

  void CheckTime(const ParameterRule& rule, const std::string& value) {
    std::optional<double> time = ParseApiTime(value);
    if (!time) Refuse(BadParameter(rule.name, "cannot parse it to a valid timestamp"));
    if (rule.name == "start") shaped_.start = time;
    if (rule.name == "end") shaped_.end = time;
  }

  void CheckDuration(const ParameterRule& rule, const std::string& value) {
    std::optional<double> seconds = ParseApiDuration(value);
    if (!seconds) Refuse(BadParameter(rule.name, "cannot parse it to a valid duration"));
    // Below a millisecond, Prometheus's own resolution, it would be none.
    if (rule.kind == ParameterKind::kStep && *seconds < 0.001) {
      Refuse(BadParameter(rule.name,
                          "zero or negative query resolution step widths are not "
                          "accepted. Try a positive integer"));
    }
    if (*seconds < 0) Refuse(BadParameter(rule.name, "must not be negative"));
    if (rule.name == "step") shaped_.step = seconds;
    if (rule.name == "lookback_delta") lookback_delta_ = *seconds;
  }

  void CheckCount(const ParameterRule& rule, const std::string& value) {
    std::optional<uint64_t> count = ParseApiCount(value);
    if (!count) Refuse(BadParameter(rule.name, "must be a non-negative number"));
    // 0 is "no limit" (Prometheus, web/api/v1).
    if (rule.is_own && rule.name == "limit" && *count > 0) shaped_.limit = count;
    if (rule.name == "limit_per_metric" && *count > 0) shaped_.limit_per_metric = count;
  }

  void CheckRange() {
    if (!shaped_.start || !shaped_.end) return;
    double range = *shaped_.end - *shaped_.start;
    if (range < 0) Refuse(BadParameter("end", "end timestamp must not be before start time"));
    if (limits_.max_range.count() > 0 &&
        range * 1000 > static_cast<double>(limits_.max_range.count())) {
      Refuse(
          LimitHit("max_range", "the query's range is longer than " + Seconds(limits_.max_range)));
    }
    if (shaped_.step) CheckPoints(std::floor(range / *shaped_.step) + 1, "the query has");
  }

  void CheckPoints(double points, const std::string& what) {
    if (limits_.max_points == 0 || points <= limits_.max_points) return;
    Refuse(
        LimitHit("max_points", what + " more than " + std::to_string(limits_.max_points) +
                                   " points per series; ask for a larger step or a shorter range"));
  }

  void CheckLookback(const EnforcedQuery& query) {
    double most = static_cast<double>(limits_.max_lookback.count());
    double lookback = static_cast<double>(query.lookback_ms) + lookback_delta_ * 1000;
    if (query.earliest_at_ms) {
      double from = static_cast<double>(*query.earliest_at_ms);
      lookback = std::max(lookback, NowMillis() - from);
    }
    if (limits_.max_lookback.count() == 0 || lookback <= most) return;
    Refuse(LimitHit("max_lookback",
                    "the query looks back farther than " + Seconds(limits_.max_lookback)));
  }

  static double NowMillis() {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }

  void Enforce(const ParameterRule& rule, std::string* value) {
    bool is_query = rule.kind == ParameterKind::kQuery;
    if (!is_query && rule.kind != ParameterKind::kSelector) return;
    CheckLength(*value);
    shaped_.asked += (shaped_.asked.empty() ? "" : "\n") + *value;
    *value = is_query ? EnforcedExpression(*value) : EnforcedSelector(rule, *value);
  }

  void CheckLength(const std::string& text) {
    // All of a request's selectors together are as long as one query may be.
    asked_bytes_ += text.size();
    if (asked_bytes_ <= language_.max_bytes) return;
    Refuse(LimitHit("max_query_bytes",
                    "the query is longer than " + std::to_string(language_.max_bytes) + " bytes"));
  }

  std::string EnforcedExpression(const std::string& text) {
    TimeFrame frame;
    if (shaped_.step) frame.step_ms = std::llround(*shaped_.step * 1000);
    if (shaped_.step) frame.range_ms = std::llround((*shaped_.end - *shaped_.start) * 1000);
    auto enforced = EnforceQuery(text, tenant_, language_, frame);
    if (!enforced) RefuseExpression("query", text, enforced.fault());
    CheckPoints(enforced->subquery_points, "a subquery has");
    CheckLookback(*enforced);
    return std::move(enforced->text);
  }

  std::string EnforcedSelector(const ParameterRule& rule, const std::string& text) {
    auto enforced = EnforceSelector(text, tenant_, language_);
    if (!enforced) RefuseExpression(rule.name, text, enforced.fault());
    return std::move(*enforced);
  }

  void RefuseExpression(std::string_view name, const std::string& text, const QueryFault& fault) {
    if (fault.is_too_deep) Refuse(LimitHit("max_query_depth", DescribeFault(text, fault)));
    Refusal refusal = BadParameter(name, DescribeFault(text, fault));
    refusal.reason = "query";
    Refuse(std::move(refusal));
  }

  void AddSelector(Form* form) {
    bool has_match = endpoint().Find("match[]") != nullptr;
    bool given = std::any_of(form->begin(), form->end(),
                             [](const FormField& field) { return field.first == "match[]"; });
    if (!has_match || given) return;
    if (endpoint().missing == MissingSelector::kRefused) {
      Refuse({400, "bad_data", "no match[] parameter provided"});
    }
    if (endpoint().missing == MissingSelector::kTenant && tenant_ != nullptr) {
      form->emplace_back("match[]", SelectorOf(*tenant_));
    }
  }

  const TenantMatcher* const tenant_;
  const TenantLimits& limits_;
  LanguageLimits language_;
  ShapedRequest shaped_;
  double lookback_delta_ = 0;
  size_t asked_bytes_ = 0;
};

}  // namespace

std::variant<ShapedRequest, Refusal> Shape(const ClientRequest& request,
                                           const TenantMatcher* tenant,
                                           const TenantLimits& limits) try {
  return Shaper(tenant, limits).Shape(request);
} catch (const Refused& refused) {
  return refused.refusal;
}

}  // namespace usage::gateway
