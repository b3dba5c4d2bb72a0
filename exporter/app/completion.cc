#include "app/completion.h"

namespace usage {
namespace {

// A word of the shell, whatever it holds.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string NameOf(const CommandNode& node) { return node.path.substr(node.path.rfind(' ') + 1); }

// The branches of a case that follow the commands down the line.
std::string Descent(const CommandNode& tree, const std::string& variable, const std::string& word) {
  std::string patterns;
  for (const CommandNode* node : AllOf(tree)) {
    if (node == &tree) continue;
    patterns += (patterns.empty() ? "" : " | ") + Quoted(node->path);
  }
  return "      " + patterns + ") " + variable + "+=\" " + word + "\" ;;\n";
}

// What completes an option's value, a branch each.
template <typename Action>
std::string ValueBranches(const CommandNode& tree, Action action) {
  std::string text;
  for (const CommandNode* node : AllOf(tree)) {
    for (const CommandOption& option : node->options) {
      if (option.value.empty() || option.is_positional) continue;
      text += "    " + Quoted(node->path + " " + option.name) + ") " + action(option) + " ;;\n";
    }
  }
  return text;
}

std::string BashValue(const CommandOption& option) {
  if (!option.choices.empty()) {
    return "mapfile -t COMPREPLY < <(compgen -W " + Quoted(Joined(option.choices)) +
           " -- \"$cur\"); return";
  }
  if (option.IsPath()) {
    return "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return";
  }
  return "return";
}

std::string BashWords(const CommandNode& node) {
  std::vector<std::string> commands, options;
  for (const CommandNode& command : node.commands) commands.push_back(NameOf(command));
  for (const CommandOption& option : node.options) {
    if (!option.is_positional) {
      options.push_back(option.name);
      continue;
    }
    commands.insert(commands.end(), option.choices.begin(), option.choices.end());
  }
  return "    " + Quoted(node.path) + ") commands=" + Quoted(Joined(commands)) +
         " options=" + Quoted(Joined(options)) + " ;;\n";
}

std::string ZshValue(const CommandOption& option) {
  if (!option.choices.empty()) return "compadd -- " + Joined(option.choices) + "; return";
  if (option.IsPath()) return "_files; return";
  return "_message " + Quoted(option.what) + "; return";
}

// "name:what it does", where the colon divides.
std::string Described(const std::string& name, const std::string& what) {
  std::string text;
  for (const char c : name) text += c == ':' ? "\\:" : std::string(1, c);
  return Quoted(text + ":" + what);
}

std::string ZshWords(const CommandNode& node) {
  std::string commands, options;
  for (const CommandNode& command : node.commands) {
    commands += " " + Described(NameOf(command), command.what);
  }
  for (const CommandOption& option : node.options) {
    if (!option.is_positional) options += " " + Described(option.name, option.what);
    if (!option.is_positional) continue;
    for (const std::string& choice : option.choices) commands += " " + Quoted(choice);
  }
  return "    " + Quoted(node.path) + ") commands=(" + commands + ") options=(" + options +
         ") ;;\n";
}

}  // namespace

std::string BashCompletion(const CommandNode& tree) {
  const std::string& name = tree.path;
  std::string words;
  for (const CommandNode* node : AllOf(tree)) words += BashWords(*node);
  return "# bash completion of " + name + ", made by '" + name + " completion bash'.\n_" + name +
         R"(() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} at=)" +
         name + R"( word commands='' options=''
  # bash divides --color=never into three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
)" + Descent(tree, "at", "$word") +
         R"(    esac
  done
  case "$at $prev" in
)" + ValueBranches(tree, BashValue) +
         R"(  esac
  case "$at" in
)" + words +
         R"(  esac
  [[ $cur == -* || -z $commands ]] && commands=$options
  mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
}
complete -F _)" +
         name + " " + name + "\n";
}

std::string ZshCompletion(const CommandNode& tree) {
  const std::string& name = tree.path;
  std::string words;
  for (const CommandNode* node : AllOf(tree)) words += ZshWords(*node);
  return "#compdef " + name + "\n# zsh completion of " + name + ", made by '" + name +
         " completion zsh'.\n_" + name + R"(() {
  local at=)" +
         name + R"( prev=${words[CURRENT-1]} word
  local -a commands options
  if [[ ${words[CURRENT]} == --*=* ]]; then
    prev=${words[CURRENT]%%=*}
    compset -P '*='
  fi
  for word in "${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
)" + Descent(tree, "at", "$word") +
         R"(    esac
  done
  case "$at $prev" in
)" + ValueBranches(tree, ZshValue) +
         R"(  esac
  case "$at" in
)" + words +
         R"(  esac
  if [[ ${words[CURRENT]} == -* || ${#commands} -eq 0 ]]; then
    _describe -o option options
  else
    _describe command commands
  fi
}
if [[ ${funcstack[1]} == _)" +
         name + R"( ]]; then
  _)" + name +
         R"( "$@"
else
  compdef _)" +
         name + " " + name + "\nfi\n";
}

}  // namespace usage
