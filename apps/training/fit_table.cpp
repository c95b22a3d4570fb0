#include <tapegrad/apps/training/fit_table.h>

#include <memory>
#include <vector>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/tables/table_row.h>
#include <tapegrad/apps/training/fit_linear_model.h>

namespace tapegrad::apps {
namespace {

int fit_network(TableClassifier& model, const TableRow& row, const Records& records,
                std::span<const Labels> truth, std::span<const Index> some,
                const TableFitOptions& options, const TableEncoderOptions& encoder,
                Progress& progress) {
  const auto make = [&](const Scope& scope, std::span<const Index> learnt_from) {
    model.encoder = TableEncoder(records, learnt_from, encoder);
    const auto inputs = std::make_shared<const TableInputs>(model.encoder.encode(records));
    model.network = row.make(model.settings, scope, *inputs, model.width());
    return ExampleNetwork{
        .outputs =
            [&model, inputs](Tape& tape, std::span<const Index> batch) {
              return model.network->outputs(tape, *inputs, batch);
            },
        .lengths = std::vector<Index>(static_cast<std::size_t>(inputs->count()), 0)};
  };
  return fit_examples(model, make, truth, some, options.examples, progress);
}

void fit_linear(TableClassifier& model, const TableRow& row, const Records& records,
                std::span<const Labels> truth, std::span<const Index> some,
                const TableFitOptions& options, const TableEncoderOptions& encoder,
                Progress& progress) {
  model.linear.emplace(linear_kind_of(model.name));
  const LinearModelFit how{.option = classifier_options::cost,
                           .grid = find_option(row, classifier_options::cost)->grid,
                           .learn =
                               [&](std::span<const Index> own) {
                                 model.encoder = TableEncoder(records, own, encoder);
                                 return rows_of(model.encoder.encode(records));
                               },
                           .linear = [&]() -> LinearModel& { return *model.linear; }};
  fit_linear_model(model, how, truth, some, options.examples.precision, options.examples.loop.seed,
                   progress);
}

}  // namespace

std::string table_fingerprint(const Records& records, std::span<const std::string> columns,
                              std::span<const Labels> truth, std::span<const Index> some) {
  StableHash hash;
  for (const std::string& name : columns) {
    hash.add_text(name);
    const auto& fields = records.columns[static_cast<std::size_t>(records.find(name))];
    for (const Index i : some) hash.add_text(fields[static_cast<std::size_t>(i)]);
  }
  add_labels(hash, truth, some);
  return hexadecimal(hash.value());
}

int fit_table(TableClassifier& model, const Records& records, std::span<const Labels> truth,
              std::span<const std::string> names, std::span<const Index> some,
              const TableFitOptions& options, Progress& progress) {
  const TableRow& row = table_row(model.name);
  begin_classifier(model, options.settings, options.examples.loop.seed, truth, names, some);
  model.fingerprint = table_fingerprint(records, options.columns, truth, some);
  const TableEncoderOptions encoder{
      .fields = field_options(model.settings), .columns = options.columns, .kinds = options.kinds};
  const std::vector<Labels> outputs = as_outputs(model, truth);
  if (row.is_neural())
    return fit_network(model, row, records, outputs, some, options, encoder, progress);
  fit_linear(model, row, records, outputs, some, options, encoder, progress);
  return 0;
}

}  // namespace tapegrad::apps
