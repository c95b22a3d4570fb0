#include <tapegrad/apps/classification/text_classifier.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_units.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad text classifier 1";

void put_counted(nn::WeightFile& file, const CountedText& counted) {
  const TfIdf& tfidf = counted.tfidf();
  put_texts(file, "ngrams", tfidf.width(), [&](Index i) { return tfidf.ngram(i); });
  put_list<double>(file, "idf", tfidf.idf());
  counted.model().put(file);
}

CountedText get_counted(const nn::WeightFile& file, const TextClassifier& model) {
  const CountedText::Options options = counted_options(model.name, model.settings);
  IdMap ngrams = get_ids(file, "ngrams");
  const auto idf = get_list<double>(file, "idf");
  const Index width = ngrams.size();
  if (static_cast<Index>(idf.size()) != width)
    throw Error(fmt::format("its idf must have a number for each of {} n-grams, got {}", width,
                            idf.size()));
  LinearModel linear(options.kind);
  linear.get(file, classes_of(model.targets), width);
  return {options, TfIdf(std::move(ngrams), {idf.begin(), idf.end()}, options.tfidf),
          std::move(linear)};
}

TextClassifier read_model(nn::WeightFile& file) {
  TextClassifier model;
  const TextRow row = get_row(file, format_name, text_row, model);
  check_settings(row, model.settings);
  model.targets = get_targets(file);
  model.text_columns = get_texts(file, "text_columns");
  if (!row.is_neural()) {
    model.counted = get_counted(file, model);
    return model;
  }
  IdMap vocabulary = get_ids(file, "vocabulary");
  if (vocabulary.size() == 0 || vocabulary.name(0) != unknown_unit)
    throw Error(fmt::format("its vocabulary must begin with {}", unknown_unit));
  model.encoder = TextEncoder(std::move(vocabulary), encoder_options(row, model.settings));
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.network = row.make(model.settings, scope, model.encoder.width(), model.width());
  });
  return model;
}

}  // namespace

std::vector<double> text_outputs(const TextClassifier& model, std::span<const std::string> texts,
                                 int threads) {
  if (model.counted) {
    const SparseExamples rows = model.counted->rows(texts);
    std::vector<double> all;
    for (Index i = 0; i < rows.count(); ++i) {
      const std::vector<double> own = model.counted->outputs(rows.row(i));
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }
  const TextInputs inputs = model.encoder.encode(texts);
  const ExampleNetwork network{.outputs =
                                   [&](Tape& tape, std::span<const Index> some) {
                                     return model.network->logits(tape, inputs, some);
                                   },
                               .lengths = inputs.lengths()};
  std::vector<Index> all;
  for (Index i = 0; i < inputs.count(); ++i) all.push_back(i);
  return outputs_of(network, all, model.width(), threads);
}

void save_text_classifier(const std::string& path, const TextClassifier& model) {
  nn::WeightFile file;
  put_row(file, format_name, text_row(model.name), model);
  put_targets(file, model.targets);
  put_texts(file, "text_columns", static_cast<Index>(model.text_columns.size()),
            [&](Index i) { return model.text_columns[static_cast<std::size_t>(i)]; });
  if (model.counted) {
    put_counted(file, *model.counted);
  } else {
    const IdMap& vocabulary = model.encoder.vocabulary();
    put_texts(file, "vocabulary", vocabulary.size(), [&](Index i) { return vocabulary.name(i); });
    put_weights(file, *model.parameters);
  }
  save_sealed(path, std::move(file));
}

TextClassifier load_text_classifier(const std::string& path) {
  return load_as("text classifier", path, read_model);
}

}  // namespace tapegrad::apps
