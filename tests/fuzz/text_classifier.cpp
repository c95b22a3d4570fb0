// Files of classifiers of texts. A model that is accepted is asked.
#include <tapegrad/apps/classification/text_classifier.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const TextClassifier model = load_text_classifier(path);
    if (model.parameters) model.parameters->settle();
    const std::vector<std::string> texts = {"a word and another", ""};
    model.predictions(text_outputs(model, texts, 1));
  });
  return 0;
}
