#include "app/man_page.h"

#include <cctype>
#include <sstream>

#include "core/version.h"

namespace usage {
namespace {

// Text that roff must take as it is.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) {
      escaped += std::string("\\&") + c;
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Dashed(std::string path) {
  for (char& c : path) c = c == ' ' ? '-' : c;
  return path;
}

std::string InCapitals(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string Entry(const std::string& head, const std::string& what) {
  return ".TP\n" + head + "\n" + Escaped(what) + "\n";
}

std::string HeadOf(const CommandOption& option) {
  std::string head = "\\fB" + Escaped(option.name) + "\\fR";
  if (!option.value.empty() && !option.is_positional) {
    head += " \\fI" + Escaped(option.value) + "\\fR";
  }
  return head;
}

std::string WhatOf(const CommandOption& option) {
  std::string what = option.what + (option.what.ends_with(".") ? "" : ".");
  if (!option.choices.empty()) {
    what += " One of";
    for (const std::string& choice : option.choices) what += " " + choice;
    what += ".";
  }
  if (!option.otherwise.empty()) what += " Default: " + option.otherwise + ".";
  return what;
}

std::string OptionsOf(const CommandNode& node) {
  std::string text;
  for (const CommandOption& option : node.options) text += Entry(HeadOf(option), WhatOf(option));
  return text;
}

std::string Synopsis(const CommandNode& node) {
  std::string text = ".SH SYNOPSIS\n";
  for (const CommandNode* one : AllOf(node)) {
    if (!one->commands.empty()) continue;
    text += (text.ends_with("SIS\n") ? "" : ".br\n");
    text += "\\fB" + Escaped(one->path) + "\\fR [\\fIOPTIONS\\fR]";
    for (const CommandOption& option : one->options) {
      if (option.is_positional) text += " \\fI" + Escaped(option.name) + "\\fR";
    }
    text += "\n";
  }
  return text;
}

// Examples stay as they are.
std::string Footer(const std::string& footer) {
  std::string text;
  bool is_block = false;
  std::istringstream lines(footer);
  for (std::string line; std::getline(lines, line);) {
    const bool is_indented = line.starts_with("  ");
    if (is_block != is_indented) text += is_indented ? ".nf\n" : ".fi\n";
    is_block = is_indented;
    if (!is_indented && line.ends_with(":")) {
      text += ".SH " + InCapitals(line.substr(0, line.size() - 1)) + "\n";
    } else if (!line.empty()) {
      text += Escaped(line.substr(is_indented ? 2 : 0)) + "\n";
    }
  }
  return text + (is_block ? ".fi\n" : "");
}

}  // namespace

std::string ManPageName(const CommandNode& node) { return Dashed(node.path) + ".1"; }

std::string ManPage(const CommandNode& node) {
  std::string text = ".TH \"" + Escaped(InCapitals(Dashed(node.path))) +
                     "\" 1 \"\" \"usage_exporter " + kVersion + "\" \"User Commands\"\n.ad l\n";
  text += ".SH NAME\n" + Escaped(Dashed(node.path)) + " \\- " + Escaped(node.what) + "\n";
  text += Synopsis(node) + ".SH DESCRIPTION\n" + Escaped(node.what) + "\n";
  if (!node.options.empty()) text += ".SH OPTIONS\n" + OptionsOf(node);
  if (!node.commands.empty()) text += ".SH COMMANDS\n";
  std::string footers;
  for (const CommandNode* below : AllOf(node)) {
    if (below == &node) continue;
    text += ".SS " + Escaped(below->path) + "\n" + Escaped(below->what) + "\n" + OptionsOf(*below);
    footers += below->footer.empty() ? "" : below->footer + "\n";
  }
  // A program's own page names its commands; their examples stand on the commands' pages.
  return text + Footer(node.footer + "\n" + (node.path.find(' ') == node.path.npos ? "" : footers));
}

}  // namespace usage
