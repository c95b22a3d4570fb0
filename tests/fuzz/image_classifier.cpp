// Files of classifiers of pictures. A model that is accepted is asked.
#include <tapegrad/apps/images/image_classifier.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const ImageClassifier model = load_image_classifier(path);
    model.parameters->settle();
    const ImageSet images{
        .shape = model.shape,
        .values = std::vector<unsigned char>(static_cast<std::size_t>(model.shape.numbers()), 100)};
    model.predictions(image_outputs(model, images, 1));
  });
  return 0;
}
