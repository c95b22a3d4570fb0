// Where in the user's program a node was recorded.
#pragma once

#include <cstdint>

namespace tapegrad {

// Made by default arguments in the caller's file. (Clang 14 has no std::source_location; the
// builtins serve both compilers.)
struct SourceLine {
  const char* file = "";
  // A whole word: a copy made at once would wait for the store of half of one to reach the cache.
  std::int64_t line = 0;

  static constexpr SourceLine here(const char* file = __builtin_FILE(),
                                   int line = __builtin_LINE()) {
    return {file, line};
  }
};

}  // namespace tapegrad
