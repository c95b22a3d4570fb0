// Text files packed with gzip. Whatever they say, no more than the limit is unpacked.
#include <algorithm>

#include <tapegrad/apps/data/text_file.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::InputFile file;
  constexpr std::size_t most_unpacked = std::size_t{1} << 22;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const std::string text = tapegrad::apps::read_text_file(path, most_unpacked);
    fuzz::require(text.size() <= std::max(size, most_unpacked));
  });
  return 0;
}
