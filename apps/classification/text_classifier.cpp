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

void put_cutting(nn::WeightFile& file, const Cutting& cutting) {
  if (cutting.kind != TokenKind::byte_pairs) return;
  const IdMap& merges = cutting.pairs.merges();
  put_texts(file, "merges", merges.size(), [&](Index i) { return merges.name(i); });
}

Cutting get_cutting(const nn::WeightFile& file, TokenKind kind) {
  if (kind != TokenKind::byte_pairs) return {.kind = kind};
  return {.kind = kind, .pairs = BytePairs(get_ids(file, "merges"))};
}

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
  linear.get(file, widths_of(model.targets), width);
  return {options, get_cutting(file, options.tokens),
          TfIdf(std::move(ngrams), {idf.begin(), idf.end()}, options.tfidf), std::move(linear)};
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
  const TextEncoderOptions encoder = encoder_options(row, model.settings);
  model.encoder = TextEncoder(get_cutting(file, encoder.tokens), std::move(vocabulary), encoder);
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.network = row.make(model.settings, scope, model.encoder.width(), model.width());
  });
  return model;
}

// What `say` says of texts that are given as their tokens.
template <class Say>
std::vector<double> of_network(const TextClassifier& model,
                               std::span<const std::vector<std::string>> texts, Index width,
                               int threads, const Say& say) {
  TextInputs inputs;
  std::vector<Index> all;
  for (const std::vector<std::string>& tokens : texts) {
    all.push_back(inputs.count());
    inputs.add(model.encoder.numbers(tokens));
  }
  const ExampleNetwork network{
      .outputs = [&](Tape& tape, std::span<const Index> some) { return say(tape, inputs, some); },
      .lengths = inputs.lengths()};
  return outputs_of(network, all, width, threads);
}

std::vector<std::vector<std::string>> tokens_of_all(const TextClassifier& model,
                                                    std::span<const std::string> texts) {
  Tokeniser tokeniser(cutting_of(model));
  std::vector<std::vector<std::string>> tokens;
  for (const std::string& text : texts) tokens.push_back(tokens_of(model, tokeniser, text));
  return tokens;
}

}  // namespace

const Cutting& cutting_of(const TextClassifier& model) {
  return model.counted ? model.counted->cutting() : model.encoder.cutting();
}

std::vector<std::string> tokens_of(const TextClassifier& model, Tokeniser& tokeniser,
                                   const std::string& text) {
  return model.counted ? tokeniser.tokens(text) : model.encoder.tokens(tokeniser, text);
}

std::vector<double> token_outputs(const TextClassifier& model,
                                  std::span<const std::vector<std::string>> texts, int threads) {
  if (!model.counted)
    return of_network(model, texts, model.width(), threads,
                      [&](Tape& tape, const TextInputs& inputs, std::span<const Index> some) {
                        return model.network->logits(tape, inputs, some);
                      });
  std::vector<double> outputs;
  for (const std::vector<std::string>& tokens : texts) {
    const std::vector<double> own = model.counted->outputs(model.counted->tfidf().row(tokens));
    outputs.insert(outputs.end(), own.begin(), own.end());
  }
  return outputs;
}

std::vector<double> text_outputs(const TextClassifier& model, std::span<const std::string> texts,
                                 int threads) {
  return token_outputs(model, tokens_of_all(model, texts), threads);
}

std::vector<double> text_vectors(const TextClassifier& model, std::span<const std::string> texts,
                                 int threads) {
  return of_network(model, tokens_of_all(model, texts), model.network->width(), threads,
                    [&](Tape& tape, const TextInputs& inputs, std::span<const Index> some) {
                      return model.network->encode(tape, inputs, some);
                    });
}

void save_text_classifier(const std::string& path, const TextClassifier& model) {
  nn::WeightFile file;
  put_row(file, format_name, text_row(model.name), model);
  put_targets(file, model.targets);
  put_texts(file, "text_columns", static_cast<Index>(model.text_columns.size()),
            [&](Index i) { return model.text_columns[static_cast<std::size_t>(i)]; });
  put_cutting(file, cutting_of(model));
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
