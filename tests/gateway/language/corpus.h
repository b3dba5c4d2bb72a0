// The corpora beside this file: queries, each with its answer indented below it. Lines that begin
// with '#' and empty lines are for the reader. In a query ↵ stands for a line break, ␍ for a
// carriage return.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace usage::gateway {

std::vector<std::string> QueriesOf(const char* file);

// The answers in the file are those of `answer`, of one or more lines. USAGE_REGENERATE=1 writes
// them instead.
void ExpectAnswers(const char* file, const std::function<std::string(const std::string&)>& answer);

}  // namespace usage::gateway
