// Files of sequence models. A model that is accepted scores.
#include <vector>

#include <tapegrad/apps/models/sequence_file.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const StoredSequenceModel model = load_sequence_model(path);
    if (model.training.items.size() == 0) return;
    const std::vector<std::int32_t> history(
        3, static_cast<std::int32_t>(model.training.items.size() - 1));
    best_next_items(*make_predictor(model), {.items = history}, model.training.items.size(), 5,
                    true);
  });
  return 0;
}
