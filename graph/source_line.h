// Where in the user's program a node was recorded.
#pragma once

namespace tapegrad {

// Made by default arguments in the caller's file. (Clang 14 has no std::source_location; the builtins serve both compilers.)
struct SourceLine {
  const char* file = "";
  int line = 0;

  static constexpr SourceLine here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};

}  // namespace tapegrad
