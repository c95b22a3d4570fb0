// Files of classifiers of trees. A model that is accepted is asked.
#include <tapegrad/apps/trees/tree_classifier.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const TreeClassifier model = load_tree_classifier(path);
    model.parameters->settle();
    const Tree tree = parse_tree("(1 (0 a) (1 b))", "tree", 1);
    model.predictions(tree_outputs(model, {&tree, 1}, 1));
  });
  return 0;
}
