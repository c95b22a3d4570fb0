// Files with a session, or a prefix and what came next, on each line.
#include <tapegrad/apps/data/session_lines.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const SessionLines read = read_session_lines(std::span(&path, 1));
    fuzz::require(read.sessions.count() > 0);
    for (tapegrad::Index s = 0; s < read.sessions.count(); ++s)
      fuzz::require(!read.sessions.of(s).empty());
    known_test(read.sessions, read.sessions, {}, read.are_pairs);
  });
  return 0;
}
