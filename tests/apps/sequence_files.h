// What the tests of tg-sequence share: its files, and how it is called.
#pragma once

#include <string>

#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_row.h>

#include "program_tools.h"
#include "test_files.h"

namespace sequence_files {

using namespace tapegrad::apps;
using namespace program_tools;

inline Outcome run(const std::string& arguments, const std::string& before = "") {
  return run_program(TAPEGRAD_SEQUENCE, arguments, before);
}

// Visitors who walk through eight items in a circle.
inline std::string clicks(int first, int count) {
  std::string text = "SessionId\tItemId\tTime\n";
  for (int s = first; s < first + count; ++s) {
    for (int k = 0; k < 3 + s % 3; ++k)
      text += std::to_string(s) + "\titem-" + std::to_string((s * 5 + k) % 8) + "\t" +
              std::to_string(100 * s + k) + "\n";
  }
  return text;
}

inline std::string histories() {
  std::string text;
  for (int user = 0; user < 30; ++user) {
    for (int k = 0; k < 5; ++k)
      text += std::to_string(user) + " " + std::to_string((user + k) % 11) + "\n";
  }
  return text;
}

struct Files {
  TestFiles folder;
  std::string train = shell_quoted(folder.write("train.tsv", clicks(0, 40)));
  std::string test = shell_quoted(folder.write_gzip("test.tsv.gz", clicks(40, 9)));
  std::string users = shell_quoted(folder.write("users.txt", histories()));
  std::string model = shell_quoted(folder.path("model.tg"));
  std::string sessions = " --train " + train + " --test " + test;
  static std::string small(const std::string& model, bool tested = true) {
    if (!sequence_row(model).is_neural()) return "";
    return std::string(tested ? " --baselines none" : "") +
           std::string(" --width 8 --batch 8 --epochs 2") +
           (find_option(sequence_row(model), sequence_options::length) != nullptr ? " --length 6"
                                                                                  : "");
  }
};

}  // namespace sequence_files
