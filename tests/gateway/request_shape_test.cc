// What a tenant's request becomes, endpoint by endpoint. The table reads as the documentation of
// the allow-list.
#include "gateway/request_shape.h"

#include <gtest/gtest.h>

#include <string>

namespace usage::gateway {
namespace {

const TenantMatcher kTenant{"tenant_id", "X"};

std::string Readable(const std::string& encoded) {
  Form form;
  EXPECT_TRUE(ParseForm(encoded, &form));
  std::string text;
  for (const auto& [name, value] : form) text += (text.empty() ? "" : " & ") + name + "=" + value;
  return text;
}

// "path?form" of what is sent, or "status: why".
std::string Shaped(const std::string& target, const TenantMatcher* tenant = &kTenant,
                   const std::string& method = "GET") {
  auto shaped = Shape({method, target, "", ""}, tenant, {});
  if (auto* refusal = std::get_if<Refusal>(&shaped)) {
    return std::to_string(refusal->status) + ": " + refusal->message;
  }
  const auto& request = std::get<ShapedRequest>(shaped);
  return request.path + " " + Readable(request.form);
}

struct Row {
  const char* asked;
  const char* sent;
};

TEST(RequestShapeTest, EveryEndpointIsEnforced) {
  for (const Row& row : {
           Row{"/api/v1/query?query=up", R"(/api/v1/query query=up{tenant_id="X"})"},
           Row{"/api/v1/query?query=1%2B1", "/api/v1/query query=1 + 1"},
           Row{"/api/v1/query_range?query=up&start=1&end=2&step=1",
               R"(/api/v1/query_range query=up{tenant_id="X"} & start=1 & end=2 & step=1)"},
           Row{"/api/v1/query_exemplars?query=up&start=1&end=2",
               R"(/api/v1/query_exemplars query=up{tenant_id="X"} & start=1 & end=2)"},
           Row{"/api/v1/format_query?query=up", R"(/api/v1/format_query query=up{tenant_id="X"})"},
           Row{"/api/v1/parse_query?query=up", R"(/api/v1/parse_query query=up{tenant_id="X"})"},
           Row{"/api/v1/series?match[]=up&match[]=down",
               R"(/api/v1/series match[]=up{tenant_id="X"} & match[]=down{tenant_id="X"})"},
           Row{"/api/v1/labels", R"(/api/v1/labels match[]={tenant_id="X"})"},
           Row{"/api/v1/labels?match[]=up&limit=5",
               R"(/api/v1/labels match[]=up{tenant_id="X"} & limit=5)"},
           Row{"/api/v1/label/job/values", R"(/api/v1/label/job/values match[]={tenant_id="X"})"},
           Row{"/api/v1/label/__name__/values?match[]={a=\"b\"}&start=1",
               R"(/api/v1/label/__name__/values match[]={a="b",tenant_id="X"} & start=1)"},
           Row{"/api/v1/label/U__http_2e_code/values",
               R"(/api/v1/label/U__http_2e_code/values match[]={tenant_id="X"})"},
           Row{"/federate?match[]=up", R"(/federate match[]=up{tenant_id="X"})"},
           Row{"/api/v1/rules?type=alert&match[]={a=\"b\"}",
               R"(/api/v1/rules type=alert & match[]={a="b",tenant_id="X"})"},
           Row{"/api/v1/rules?group_limit=5", "/api/v1/rules "},
           Row{"/api/v1/alerts", "/api/v1/alerts "},
           Row{"/api/v1/metadata?metric=up&limit=1&limit_per_metric=2",
               "/api/v1/metadata metric=up"},
           Row{"/api/v1/status/buildinfo", "/api/v1/status/buildinfo "},
       }) {
    EXPECT_EQ(Shaped(row.asked), row.sent);
  }
}

TEST(RequestShapeTest, AnOperatorIsParsedAndNotNarrowed) {
  EXPECT_EQ(Shaped("/api/v1/labels", nullptr), "/api/v1/labels ");
  EXPECT_EQ(Shaped("/api/v1/query?query=sum(up)by(a)", nullptr),
            "/api/v1/query query=sum by (a) (up)");
}

TEST(RequestShapeTest, WhatIsMissingOrMalformedIsSaid) {
  for (const Row& row : {
           Row{"/api/v1/series", "400: no match[] parameter provided"},
           Row{"/federate", "400: no match[] parameter provided"},
           Row{"/api/v1/query", R"(400: invalid parameter "query": missing)"},
           Row{"/api/v1/query_range?query=up&start=1&end=2",
               R"(400: invalid parameter "step": missing)"},
           Row{"/api/v1/query?query=up&time=soon",
               R"(400: invalid parameter "time": cannot parse it to a valid timestamp)"},
           Row{"/api/v1/query_range?query=up&start=2&end=1&step=1",
               R"(400: invalid parameter "end": end timestamp must not be before start time)"},
           Row{"/api/v1/query_range?query=up&start=1&end=2&step=0",
               "400: invalid parameter \"step\": zero or negative query resolution step widths are "
               "not accepted. Try a positive integer"},
           Row{"/api/v1/labels?limit=-1",
               R"(400: invalid parameter "limit": must be a non-negative number)"},
           Row{"/api/v1/alerts?match[]=up",
               R"(400: invalid parameter "match[]": not a parameter of this endpoint)"},
           Row{"/api/v1/rules?group_next_token=x",
               R"(400: invalid parameter "group_next_token": not a parameter of this endpoint)"},
           Row{"/nothing", "404: no such endpoint"},
       }) {
    EXPECT_EQ(Shaped(row.asked), row.sent) << row.asked;
  }
  EXPECT_EQ(Shaped("/federate?match[]=up", &kTenant, "POST"),
            "405: this endpoint does not take POST");
}

TEST(RequestShapeTest, SelectorsOfMatchAreVectorSelectorsAndNothingElse) {
  for (const char* bad : {"", "1", "up[5m]", "sum(up)", "up offset 5m", "up @ 1", "{}",
                          "up or down", "{__name__=~\".*\"}", "up,down"}) {
    std::string shaped = Shaped("/api/v1/series?" + EncodeForm({{"match[]", bad}}));
    EXPECT_TRUE(shaped.starts_with("400: invalid parameter \"match[]\": ")) << bad << shaped;
  }
}

TEST(RequestShapeTest, AnyLabelWillDo) {
  TenantMatcher other{"org", "a\"b\\c"};
  EXPECT_EQ(Shaped("/api/v1/query?query=up", &other),
            "/api/v1/query query=up{org=\"a\\\"b\\\\c\"}");
  EXPECT_EQ(Shaped("/api/v1/labels", &other), "/api/v1/labels match[]={org=\"a\\\"b\\\\c\"}");
}

}  // namespace
}  // namespace usage::gateway
