// Checkpoints. A run that accepts one goes on from it; the first byte says which kind of run.
#include <filesystem>
#include <fstream>
#include <vector>

#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_defaults.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/sequence_sources.h>
#include <tapegrad/apps/training/training_loop.h>

#include "fuzz_input.h"

namespace {

using namespace tapegrad::apps;

Sessions small_sessions() {
  Sessions sessions;
  for (const char* item : {"a", "b", "c", "d"}) sessions.items.insert(item);
  for (std::int32_t s = 0; s < 3; ++s) {
    const std::vector<std::int32_t> events{s, s + 1, (s + 2) % 4};
    sessions.add(std::to_string(s), {.items = events});
  }
  return sessions;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Sessions sessions = small_sessions();
  static const std::string path = (std::filesystem::temp_directory_path() /
                                   ("tapegrad-fuzz-checkpoint-" + std::to_string(getpid())))
                                      .string();
  const auto [flags, text] = fuzz::flagged(data, size);
  std::ofstream(path, std::ios::binary) << text;
  tapegrad::Parameters parameters(1);
  const SequenceRow& row = sequence_row((flags & 1) != 0 ? "sasrec" : "gru");
  ModelSettings settings = default_settings(row);
  settings.set(sequence_options::width, "2");
  settings.set(sequence_options::layers, "1");
  if (find_option(row, sequence_options::length) != nullptr)
    settings.set(sequence_options::length, "2");
  settings = decided(row, settings, sessions);
  const auto model = row.make(settings, parameters.root(), inputs_of(sessions));
  const auto source = make_sequence_source(*model, sessions, {.batch = 2, .steps = 2});
  Progress progress(true);
  fuzz::accepted([&] {
    train(parameters, *source,
          {.epochs = 2,
           .average_decay = 0.9,
           .threads = 1,
           .checkpoint = path,
           .checkpoint_minutes = 1e6,
           .resume = true,
           .identity = "this"},
          nullptr, progress);
  });
  std::filesystem::remove(path);
  return 0;
}
