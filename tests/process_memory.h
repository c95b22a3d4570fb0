// What this process holds in memory.
#pragma once

#include <fstream>
#include <string>

// A field of /proc/self/status in bytes, such as RssAnon: what lies in memory of what was
// allocated. 0 where there is none.
inline double status_bytes(const std::string& field) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    double kilobytes = 0.0;
    if (word == field + ":" && file >> kilobytes) return kilobytes * 1024.0;
  }
  return 0.0;
}
