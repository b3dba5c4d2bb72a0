#include "app/shell_command.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/command_tree.h"
#include "app/completion.h"
#include "app/man_page.h"
#include "core/closest.h"

namespace usage {
namespace {

constexpr const char* kCompletionFooter = R"(Examples:
  source <(usagectl completion bash)
  usagectl completion bash > /etc/bash_completion.d/usagectl
  usagectl completion zsh > /usr/local/share/zsh/site-functions/_usagectl
)";
constexpr const char* kManFooter = R"(Examples:
  usagectl man | man -l -
  usagectl man doctor | man -l -
  usagectl man doctor > /usr/local/share/man/man1/usagectl-doctor.1
)";

const CommandNode* Find(const CommandNode& tree, const std::string& name) {
  for (const CommandNode& command : tree.commands) {
    if (command.path == tree.path + " " + name) return &command;
  }
  return nullptr;
}

std::vector<std::string> NamesOf(const CommandNode& tree) {
  std::vector<std::string> names;
  for (const CommandNode& command : tree.commands) {
    names.push_back(command.path.substr(tree.path.size() + 1));
  }
  return names;
}

std::vector<std::string> OptionsOf(const CommandNode& node) {
  std::vector<std::string> names;
  for (const CommandOption& option : node.options) names.push_back(option.name);
  return names;
}

int PrintMan(const CLI::App& app, const std::string& command) {
  const CommandNode tree = TreeOf(app, "usagectl");
  const CommandNode* node = command.empty() ? &tree : Find(tree, command);
  if (node == nullptr) {
    std::cerr << "usagectl: there is no command '" << command << "'"
              << DidYouMean(command, NamesOf(tree)) << "\n";
    return 1;
  }
  std::cout << ManPage(*node);
  return 0;
}

void AddCompletion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("completion", "Print what lets a shell complete usagectl's words");
  command->add_option("shell", *shell, "Whose script")
      ->check(CLI::IsMember({"bash", "zsh"}))
      ->required();
  command->footer(kCompletionFooter);
  command->callback([&app, shell] {
    const CommandNode tree = TreeOf(app, "usagectl");
    std::cout << (*shell == "bash" ? BashCompletion(tree) : ZshCompletion(tree));
  });
}

void AddMan(CLI::App& app, int& status) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("man", "Print a man page, made from what --help says");
  command->add_option("command", *name, "Of this command; without it, of usagectl");
  command->footer(kManFooter);
  command->callback([&app, &status, name] { status = PrintMan(app, *name); });
}

}  // namespace

std::string NearestWord(const CLI::App& app, int argc, const char* const* argv) {
  const CommandNode tree = TreeOf(app, "usagectl");
  const CommandNode* at = &tree;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (const CommandNode* next = Find(*at, word)) {
      at = next;
      continue;
    }
    const bool is_option = word.starts_with("--");
    const std::string nearest =
        DidYouMean(word.substr(0, word.find('=')), is_option ? OptionsOf(*at) : NamesOf(*at));
    if (!nearest.empty()) return at->path + ": '" + word + "'" + nearest + "\n";
  }
  return "";
}

void AddShellCommands(CLI::App& app, int& status) {
  AddCompletion(app);
  AddMan(app, status);
  WrapHelp(app);
}

void AddManFlag(CLI::App& app, const char* program) {
  app.add_flag_callback(
      "--help-man",
      [&app, program] {
        std::cout << ManPage(TreeOf(app, program));
        throw CLI::Success();
      },
      "Print the man page and end");
  WrapHelp(app);
}

}  // namespace usage
