// Files of classifiers of tables. A model that is accepted is asked.
#include <tapegrad/apps/tables/table_classifier.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const std::string path = file.write({reinterpret_cast<const char*>(data), size});
  fuzz::accepted([&] {
    const TableClassifier model = load_table_classifier(path);
    if (model.parameters) model.parameters->settle();
    Records records;
    for (const FieldEncoder& field : model.encoder.fields()) {
      records.names.push_back(field.name());
      records.columns.push_back({"1", "", "word"});
    }
    model.predictions(table_outputs(model, records, 1));
  });
  return 0;
}
