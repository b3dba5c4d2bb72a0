# Writes a C++ file that holds FILES of DIRECTORY. Run at build time, whenever one has changed.
set(content "// Made by embed.cmake.\n#include \"api/assets.h\"\n\nnamespace usage {\nnamespace {\n\n")
set(table "")
foreach(file ${FILES})
  file(READ ${DIRECTORY}/${file} hex HEX)
  file(SHA256 ${DIRECTORY}/${file} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  string(MAKE_C_IDENTIFIER ${file} name)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(................................................................................)"
         "\\1\n" bytes "${bytes}")
  string(APPEND content "const unsigned char ${name}[] = {\n${bytes}};\n\n")
  string(APPEND table "  if (name == \"${file}\") return {View(${name}, sizeof(${name})), \"${hash}\"};\n")
endforeach()
string(APPEND content "std::string_view View(const unsigned char* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

Asset FindAsset(std::string_view name) {
${table}  return {};
}

}  // namespace usage
")
file(WRITE ${OUTPUT} "${content}")
