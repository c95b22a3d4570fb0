// Files of IDX.
#include <tapegrad/apps/images/idx_file.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::InputFile file;
  constexpr std::size_t most_unpacked = std::size_t{1} << 22;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const tapegrad::apps::IdxArray array = tapegrad::apps::read_idx(path, most_unpacked);
    tapegrad::Index expected = 1;
    for (const tapegrad::Index extent : array.shape) expected *= extent;
    fuzz::require(static_cast<std::size_t>(expected) == array.bytes.size());
  });
  return 0;
}
