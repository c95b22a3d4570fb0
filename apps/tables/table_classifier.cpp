#include <tapegrad/apps/tables/table_classifier.h>

#include <tapegrad/apps/tables/table_row.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad table classifier 1";

TableClassifier read_model(nn::WeightFile& file) {
  TableClassifier model;
  const TableRow row = get_row(file, format_name, table_row, model);
  check_settings(row, model.settings);
  model.targets = get_targets(file, predicts_numbers(row, model.settings));
  model.encoder = TableEncoder::get(file);
  if (!row.is_neural()) {
    model.linear.emplace(linear_kind_of(model.name));
    model.linear->get(file, widths_of(model.targets), model.encoder.width());
    return model;
  }
  const TableInputs shape = model.encoder.shape();
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.network = row.make(model.settings, scope, shape, model.width());
  });
  return model;
}

}  // namespace

std::vector<double> table_outputs(const TableClassifier& model, const Records& records,
                                  int threads) {
  const TableInputs inputs = model.encoder.encode(records);
  std::vector<double> all;
  if (model.linear) {
    const SparseExamples rows = rows_of(inputs);
    for (Index i = 0; i < rows.count(); ++i) {
      const std::vector<double> own = model.linear->outputs(rows.row(i));
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }
  std::vector<Index> examples;
  for (Index i = 0; i < inputs.count(); ++i) examples.push_back(i);
  const ExampleNetwork network{.outputs =
                                   [&](Tape& tape, std::span<const Index> some) {
                                     return model.network->outputs(tape, inputs, some);
                                   },
                               .lengths = std::vector<Index>(examples.size(), 0)};
  return outputs_of(network, examples, model.width(), threads);
}

void save_table_classifier(const std::string& path, const TableClassifier& model) {
  nn::WeightFile file;
  put_row(file, format_name, table_row(model.name), model);
  put_targets(file, model.targets);
  model.encoder.put(file);
  if (model.linear)
    model.linear->put(file);
  else
    put_weights(file, *model.parameters);
  save_sealed(path, std::move(file));
}

TableClassifier load_table_classifier(const std::string& path) {
  return load_as("table classifier", path, read_model);
}

}  // namespace tapegrad::apps
