// The file's side of strict_yaml.h: reading, syntax, and how faults are printed.
#include <sys/stat.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/strict_yaml.h"
#include "core/utf8.h"

namespace usage {
namespace {

// A configuration is a page or two; a larger file is a mistake (a dump, a log) and would be read
// into memory several times over.
constexpr off_t kLargestFile = 4 << 20;

std::string SystemError(const std::string& path) {
  std::string remedy = errno == ENOENT   ? "check the path"
                       : errno == EACCES ? "give the program's user the right to read it"
                                         : "check the file";
  return std::string("can't be read (") + std::strerror(errno) + "); " + remedy +
         (path.empty() ? ": the name is empty" : "");
}

// Null when the file may be read as a text.
std::string FileFault(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return SystemError(path);
  if (S_ISDIR(info.st_mode)) return "is a folder; name a file in it";
  if (info.st_size > kLargestFile) return "is larger than 4 MiB; this is not a configuration";
  return "";
}

bool LineStartsWithTab(const std::string& text, int line) {
  std::istringstream lines(text);
  std::string found;
  for (int i = 0; i <= line && std::getline(lines, found); ++i) {
  }
  return found.find('\t') != std::string::npos &&
         found.find('\t') <= found.find_first_not_of(" \t");
}

std::string SyntaxFault(const YAML::Exception& fault, const std::string& text) {
  if (!fault.mark.is_null() && LineStartsWithTab(text, fault.mark.line)) {
    return "a tab in front of the text; YAML wants spaces";
  }
  // yaml-cpp's messages name the rule that was broken, and of the file no more than a letter.
  return "is not YAML here (" + fault.msg +
         "); look at quotes, colons and indentation here and in the line above";
}

// Takes the parser's events and does nothing with them.
class Ignore : public YAML::EventHandler {
  using Mark = YAML::Mark;
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark&, Anchor) override {}
  void OnAlias(const Mark&, Anchor) override {}
  void OnScalar(const Mark&, const std::string&, Anchor, const std::string&) override {}
  void OnSequenceStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark&, const std::string&, Anchor, Style) override {}
  void OnMapEnd() override {}
};

// YAML::Load takes the first document and forgets the rest; a bracket too many ends a document.
// YAML::LoadAll makes documents without end of some texts, such as ",".
bool HasSecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Ignore ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

std::pair<int, int> PlaceOf(const std::string& text, size_t offset) {
  auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  size_t line_begin = text.rfind('\n', offset);
  size_t column = line_begin == std::string::npos ? offset + 1 : offset - line_begin;
  return {1 + static_cast<int>(std::count(text.begin(), end, '\n')), static_cast<int>(column)};
}

// Where the first byte is that is no UTF-8, or a control character; npos when there is none.
size_t FirstNonText(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    size_t size = Utf8CharacterSize(text, at);
    char c = text[at];
    bool control = size == 1 && (c == 0x7f || (c < 0x20 && c != '\t' && c != '\n' && c != '\r'));
    if (size == 0 || control) return at;
    at += size;
  }
  return std::string_view::npos;
}

}  // namespace

YamlFile YamlFile::Load(const std::string& path) {
  YamlFile file(path);
  std::string fault = FileFault(path);
  if (fault.empty()) {
    std::ifstream stream(path, std::ios::binary);
    if (stream) {
      file.ParseText(std::string(std::istreambuf_iterator<char>(stream), {}));
      return file;
    }
    fault = SystemError(path);
  }
  file.faults_.push_back({0, 0, fault});
  return file;
}

YamlFile YamlFile::Parse(const std::string& name, const std::string& text) {
  YamlFile file(name);
  file.ParseText(text);
  return file;
}

void YamlFile::ParseText(const std::string& text) try {
  size_t broken = FirstNonText(text);
  if (broken != std::string::npos) {
    auto [line, column] = PlaceOf(text, broken);
    faults_.push_back({line, column, "a byte that is no text; save the file as UTF-8"});
  } else if (HasSecondDocument(text)) {
    faults_.push_back({0, 0,
                       "holds more than one document; look for a line '---' or a bracket or "
                       "comma too many, after which the rest would be left out"});
  } else {
    YAML::Node root = YAML::Load(text);
    // An empty file, or one of comments, is a map without keys.
    root_ = root.IsNull() ? YAML::Node(YAML::NodeType::Map) : root;
  }
} catch (const YAML::Exception& fault) {
  bool placed = !fault.mark.is_null();
  faults_.push_back({placed ? fault.mark.line + 1 : 0, placed ? fault.mark.column + 1 : 0,
                     SyntaxFault(fault, text)});
}

YamlValue YamlFile::root() {
  if (!ok()) return YamlValue::Absent(this, "", 0, 0);
  return YamlValue(this, root_, "", root_.Mark());
}

std::string YamlFile::Line(const Note& note) const {
  std::string place =
      note.line == 0 ? "" : std::to_string(note.line) + ":" + std::to_string(note.column) + ":";
  std::string text = note.text;
  std::replace(text.begin(), text.end(), '\n', ' ');  // of a value that is shown
  return name_ + ":" + place + " " + text;
}

std::string YamlFile::Lines(const std::vector<Note>& notes) const {
  std::vector<Note> sorted = notes;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Note& a, const Note& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  std::string text;
  for (const Note& note : sorted) text += (text.empty() ? "" : "\n") + Line(note);
  return text;
}

std::vector<std::string> YamlFile::warnings() const {
  std::vector<std::string> lines;
  for (const Note& note : warnings_) lines.push_back(Line(note));
  return lines;
}

}  // namespace usage
