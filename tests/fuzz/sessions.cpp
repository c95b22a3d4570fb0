// Tables of sessions and of histories. The first byte chooses the options.
#include <tapegrad/apps/data/sequence_split.h>

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
  for (const char* protocol : {"loo", "temporal"}) {
    for (const SequenceTarget target : {SequenceTarget::item, SequenceTarget::basket})
      fuzz::accepted([&] { history_split(sessions, {.protocol = protocol, .target = target}); });
  }
  fuzz::accepted([&] { session_split_in_time(sessions, {}); });
  fuzz::accepted([&] { sessions_by_silence(sessions, 1800.0); });
  const KnownTest known = known_test(sessions, sessions, {}, (flags & 4) != 0);
  session_split(sessions, &known);
  return 0;
}
