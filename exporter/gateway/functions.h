// The functions of PromQL, from Prometheus 2.42 to 3.x, the experimental ones included. A new one
// is a row of the table in functions.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usage::gateway {

enum class Type { kScalar, kVector, kMatrix, kString };

// "scalar", "instant vector", "range vector", "string": as Prometheus's documentation has it.
std::string_view NameOf(Type type);

constexpr int kMostParameters = 5;
constexpr int kAnyNumber = -1;

struct Function {
  std::string_view name;
  Type result;
  int parameters;  // how many of `types` count
  Type types[kMostParameters];
  // 0: exactly as many arguments as parameters. More: the last parameter may be left out, and may
  // come as often as this. kAnyNumber: it may come any number of times, and none.
  int repeats = 0;
  bool experimental = false;  // Prometheus refuses it without its feature flag

  int FewestArguments() const { return repeats == 0 ? parameters : parameters - 1; }
  // The type of argument i, counted from 0; those beyond the parameters are as the last one.
  Type TypeOf(int i) const { return types[i < parameters ? i : parameters - 1]; }
};

// Null for an unknown name. Names are case-sensitive.
const Function* FindFunction(std::string_view name);

std::vector<std::string> FunctionNames();

// info(v, {…}): its second argument is no selector but what to join, and without it it reads
// target_info.
bool IsInfo(const Function& function);
// absent(v) and absent_over_time(v): they make the labels of their answer of the selector's
// matchers.
bool AnswersWithMatchers(const Function& function);

}  // namespace usage::gateway
