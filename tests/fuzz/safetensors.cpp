// Weight files. They never hold more than the file has.
#include <tapegrad/nn/safetensors.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace nn = tapegrad::nn;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const nn::WeightFile weights = nn::load_weights(path);
    std::size_t bytes = 0;
    for (const auto& [name, array] : weights.tensors) bytes += array.bytes();
    for (const auto& [name, text] : weights.bytes) bytes += text.size();
    fuzz::require(bytes <= size);
  });
  return 0;
}
