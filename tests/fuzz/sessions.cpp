// Tables of sessions and of histories. The first byte chooses the options.
#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/training/fit_sequence.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const auto [flags, text] = fuzz::flagged(data, size);
  TableOptions options;
  options.skip_bad_lines = (flags & 1) != 0;
  const bool histories = (flags & 2) != 0;
  const std::string path = file.write(text);
  Sessions sessions;
  if (!fuzz::accepted([&] { sessions = read_sessions(path, options, histories, nullptr); }))
    return 0;
  fuzz::require(sessions.count() > 0);
  fuzz::accepted([&] { require_trainable(sessions, path); });
  fuzz::accepted([&] { history_split(sessions, "loo", 1); });
  fuzz::accepted([&] { session_split(sessions, &sessions); });
  fuzz::accepted([&] { known_part(sessions, sessions.items); });
  return 0;
}
