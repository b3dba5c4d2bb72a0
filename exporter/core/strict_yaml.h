// YAML files read strictly: every fault of the file is found in one reading, each with its place.
// Nothing is ever skipped in silence: an unknown key, a doubled key, a value of the wrong type and
// an empty value are faults.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/expected.h"

namespace usage {

class YamlValue;

// A file while it is read: collects what is wrong with it. Not thread-safe.
class YamlFile {
 public:
  // A file that can't be read or is not YAML has its fault, and an absent root().
  static YamlFile Load(const std::string& path);
  static YamlFile Parse(const std::string& name, const std::string& text);

  YamlFile(YamlFile&&) = default;

  YamlValue root();
  const std::string& name() const { return name_; }
  bool ok() const { return faults_.empty(); }
  // Lines "file:line:column: key.path: what is wrong; what to do", in the file's order, without a
  // last newline.
  std::string faults() const { return Lines(faults_); }
  // How many there are so far, and only those that came after the first `count`: for a reader to
  // whom a fault in one item is no fault of the others.
  size_t fault_count() const { return faults_.size(); }
  std::string faults_after(size_t count) const {
    return Lines({faults_.begin() + static_cast<std::ptrdiff_t>(count), faults_.end()});
  }
  std::vector<std::string> warnings() const;
  // Every key that the reader asked for, as "sources[].interval".
  const std::set<std::string>& known_keys() const { return known_keys_; }

 private:
  friend class YamlValue;
  friend class YamlMap;
  struct Note {
    int line = 0;  // from 1; 0: the file as a whole
    int column = 0;
    std::string text;
  };

  explicit YamlFile(std::string name) : name_(std::move(name)) {}
  void ParseText(const std::string& text);
  std::string Line(const Note& note) const;
  std::string Lines(const std::vector<Note>& notes) const;

  std::string name_;
  YAML::Node root_;
  std::vector<Note> faults_;
  std::vector<Note> warnings_;
  std::set<std::string> known_keys_;
};

// A value in the file, or the absence of one. The Read functions leave *out alone when the value
// is absent or faulty; the fault is noted in the file. Borrows the YamlFile.
class YamlValue {
 public:
  bool present() const { return present_; }
  bool is_map() const { return present_ && node_.IsMap(); }
  bool is_list() const { return present_ && node_.IsSequence(); }
  const std::string& path() const { return path_; }
  int line() const { return line_; }

  // What is wrong with this value, and what to do; never the value of a secret.
  void Fail(const std::string& what) const;
  void Warn(const std::string& what) const;

  void Read(std::string* out) const;
  void Read(bool* out) const;
  void Read(int* out, int least, int most) const;
  // A whole number with `unit` behind it, "" for none, or the word off, which is no value. True
  // when *out is what the file says.
  bool ReadNumberOrOff(std::optional<int>* out, const std::string& unit, int least, int most) const;
  // Text that must not appear in a message.
  void ReadSecret(std::string* out) const;
  void ReadDuration(std::chrono::milliseconds* out, std::chrono::milliseconds least,
                    std::chrono::milliseconds most) const;
  void ReadBitRate(uint64_t* out, uint64_t least, uint64_t most) const;
  void ReadByteSize(uint64_t* out) const;

  // One of a few words.
  template <typename T>
  void ReadWord(T* out, std::initializer_list<std::pair<std::string, T>> words) const {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(word.first);
    int index = FindWord(names);
    if (index >= 0) *out = (words.begin() + index)->second;
  }

  // The elements of a list; of something else none, and a fault.
  std::vector<YamlValue> Items() const;
  // The entries of a map whose keys are free; of something else none, and a fault.
  std::vector<std::pair<std::string, YamlValue>> Entries() const;
  // A list of texts.
  void Read(std::vector<std::string>* out) const;

 private:
  friend class YamlFile;
  friend class YamlMap;

  YamlValue(YamlFile* file, YAML::Node node, std::string path, YAML::Mark place);
  static YamlValue Absent(YamlFile* file, std::string path, int line, int column);
  const char* TypeName() const;
  bool IsPlainWord(std::initializer_list<const char*> words) const;
  // The text of a scalar; null and a fault when it is none.
  const std::string* Scalar(const char* expected) const;
  int FindWord(const std::vector<std::string>& names) const;
  YamlFile::Note NoteOf(const std::string& what) const;

  YamlFile* file_;
  YAML::Node node_;
  std::string path_;
  int line_ = 0;  // of the value itself
  int column_ = 0;
  int key_line_ = 0;  // of the key in front of it, in a map
  int key_column_ = 0;
  bool present_ = false;
};

// A map with known keys. What the reader has not asked for when the YamlMap goes is an unknown
// key, and a fault.
class YamlMap {
 public:
  // `value` absent: every key is absent. Not a map: that is a fault, and every key is absent.
  explicit YamlMap(const YamlValue& value);
  ~YamlMap();
  YamlMap(const YamlMap&) = delete;
  YamlMap& operator=(const YamlMap&) = delete;

  bool is_map() const { return value_.is_map(); }
  YamlValue operator[](const std::string& key);
  // Notes a fault when the key is missing from a map that is there.
  YamlValue Required(const std::string& key, const std::string& remedy);

 private:
  YamlValue value_;
  std::vector<std::pair<std::string, YamlValue>> entries_;
  std::vector<std::string> known_;
};

}  // namespace usage
