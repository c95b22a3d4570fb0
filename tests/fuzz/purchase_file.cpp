// Files of models of purchases. A model that is accepted scores.
#include <vector>

#include <tapegrad/apps/models/purchase_file.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const StoredPurchaseModel model = load_purchase_model(path);
    if (model.items.size() == 0) return;
    const std::vector<std::int32_t> items(3, static_cast<std::int32_t>(model.items.size() - 1));
    Sessions sessions;
    sessions.add("", {.items = items});
    model.parameters->settle();
    purchase_logits(*model.model, sessions, 1);
  });
  return 0;
}
