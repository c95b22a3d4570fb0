// JSON lines, by themselves and as a table of events.
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/json_lines.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string text(reinterpret_cast<const char*>(data), size);
  JsonLines source(text);
  Record row;
  tapegrad::Index line = 0;
  for (ReadState state; (state = source.next(row)) != ReadState::end;) {
    const tapegrad::Index now = state == ReadState::fault ? source.fault().line : row.line;
    fuzz::require(now > line);
    line = now;
    if (state == ReadState::record) fuzz::require(row.fields.size() == source.names().size());
  }
  const std::string path = file.write(text);
  fuzz::accepted([&] { read_interactions(path, {.skip_bad_lines = true}); });
  return 0;
}
