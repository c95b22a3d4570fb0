// Files of recommenders. A model that is accepted scores.
#include <vector>

#include <tapegrad/apps/models/model_file.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const StoredModel model = load_model(path);
    if (model.users.size() == 0 || model.items.size() == 0) return;
    std::vector<float> scores(static_cast<std::size_t>(model.items.size()));
    make_recommender(model)->score(static_cast<std::int32_t>(model.users.size() - 1), {}, scores);
  });
  return 0;
}
