#include "app/command_tree.h"

#include <CLI/CLI.hpp>

#include "core/wrap.h"

namespace usage {
namespace {

constexpr size_t kColumn = 26;  // where descriptions begin

// CLI11 shows them in the type's name alone: "TEXT:{always,never,auto}".
std::vector<std::string> ChoicesOf(const std::string& type) {
  std::vector<std::string> choices;
  const size_t begin = type.find(":{"), end = type.find('}');
  if (begin == type.npos || end == type.npos) return choices;
  const std::string list = type.substr(begin + 2, end - begin - 2);
  for (const std::string& choice : CLI::detail::split(list, ',')) choices.push_back(choice);
  return choices;
}

CommandOption OptionOf(const CLI::Option& option) {
  CommandOption found;
  found.is_positional = option.get_positional();
  found.is_required = option.get_required();
  found.name = found.is_positional ? option.get_name(true) : "--" + option.get_lnames().front();
  const std::string type = option.get_type_name();
  if (option.get_type_size() != 0) found.value = type.substr(0, type.find(':'));
  found.what = option.get_description();
  found.otherwise = option.get_default_str();
  found.choices = ChoicesOf(type);
  return found;
}

// --- --help.

std::string Entry(const std::string& name, const std::string& what) {
  std::string text = "  " + name;
  if (text.size() + 2 > kColumn) {
    text += "\n" + std::string(kColumn, ' ');
  } else {
    text.resize(kColumn, ' ');
  }
  return text + Wrapped(what, kColumn, kColumn) + "\n";
}

std::string Suffix(const CommandOption& option) {
  std::string choices;
  for (const std::string& choice : option.choices) {
    choices += (choices.empty() ? "" : ", ") + choice;
  }
  std::string text = choices.empty() ? "" : " (" + choices + ")";
  if (!option.otherwise.empty()) text += " [" + option.otherwise + "]";
  if (option.is_required) text += " (needed)";
  return text;
}

class WrappedHelp : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    const CommandOption known = OptionOf(*option);
    std::string name = is_positional ? known.name : option->get_name(false, true);
    if (!known.value.empty() && !is_positional) name += " " + known.value;
    return Entry(name, known.what + Suffix(known));
  }
  std::string make_subcommand(const CLI::App* command) const override {
    return Entry(command->get_name(), command->get_description());
  }
  std::string make_description(const CLI::App* app) const override {
    return Wrapped(app->get_description(), 0) + "\n";
  }
};

}  // namespace

CommandNode TreeOf(const CLI::App& app, const std::string& name) {
  CommandNode node{name, app.get_description(), app.get_footer(), {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) node.options.push_back(OptionOf(*option));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.commands.push_back(TreeOf(*command, name + " " + command->get_name()));
  }
  return node;
}

void WrapHelp(CLI::App& app) {
  app.formatter(std::make_shared<WrappedHelp>());
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) WrapHelp(*command);
}

std::vector<const CommandNode*> AllOf(const CommandNode& tree) {
  std::vector<const CommandNode*> all = {&tree};
  for (const CommandNode& command : tree.commands) {
    const auto below = AllOf(command);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

}  // namespace usage
