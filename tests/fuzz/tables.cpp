// Tables of events (user, item[, rating][, time]) and what is split off them. The first byte
// chooses the options.
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/temporal_split.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const auto [flags, text] = fuzz::flagged(data, size);
  TableOptions options;
  options.skip_bad_lines = (flags & 1) != 0;
  if ((flags & 2) != 0) options.header = (flags & 4) != 0;
  const Delimiter delimiters[] = {'\t', ',', ';', '|', ' ', Delimiter("::"), Delimiter::blanks()};
  if ((flags & 8) != 0) options.source.delimiter = delimiters[(flags >> 4) % 7];
  if ((flags & 128) != 0)
    options.source.encoding = (flags & 4) != 0 ? Encoding::utf8 : Encoding::latin1;
  const std::string path = file.write(text);
  Interactions events;
  if (!fuzz::accepted([&] { events = read_interactions(path, options); })) return 0;
  fuzz::require(events.size() > 0);
  fuzz::accepted([&] { require_trainable(events); });
  fuzz::accepted([&] { leave_one_out_split(events); });
  fuzz::accepted([&] { temporal_split(events, {.fraction = 0.2}); });
  return 0;
}
