// Files of models of language. A model that is accepted writes a text.
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/text_writer.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const StoredLanguageModel model = load_language_model(path);
    model.parameters->settle();
    TextWriter writer(model, {}, 1);
    const auto last = static_cast<std::int32_t>(model.vocabulary.size() - 1);
    writer.read({&last, 1});
    writer.write();
  });
  return 0;
}
