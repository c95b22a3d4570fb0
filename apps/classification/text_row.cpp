#include <tapegrad/apps/classification/text_row.h>

#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/bag_network.h>
#include <tapegrad/apps/classification/recurrent_text.h>
#include <tapegrad/apps/classification/text_cnn.h>
#include <tapegrad/apps/classification/transformer_text.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/sequence_options.h>

namespace tapegrad::apps {
namespace {

namespace options = classifier_options;

using Network = std::unique_ptr<TextNetwork>;

Network make_bag(const ModelSettings& settings, const Scope& scope, Index vocabulary,
                 Index outputs) {
  return std::make_unique<BagNetwork>(
      scope, vocabulary, outputs,
      BagOptions{.width = settings.whole(options::width),
                 .input_dropout = settings.number(options::input_dropout),
                 .dropout = settings.number(options::dropout)});
}

Network make_cnn(const ModelSettings& settings, const Scope& scope, Index vocabulary,
                 Index outputs) {
  return std::make_unique<TextCnn>(
      scope, vocabulary, outputs,
      TextCnnOptions{.embedding = settings.whole(options::embedding),
                     .width = settings.whole(options::width),
                     .kernels = settings.widths(options::kernels),
                     .input_dropout = settings.number(options::input_dropout),
                     .dropout = settings.number(options::dropout)});
}

template <RecurrentKind kind>
Network make_recurrent_text(const ModelSettings& settings, const Scope& scope, Index vocabulary,
                            Index outputs) {
  return std::make_unique<RecurrentText>(
      scope, vocabulary, outputs,
      RecurrentTextOptions{.kind = kind,
                           .embedding = settings.whole(options::embedding),
                           .width = settings.whole(options::width),
                           .layers = settings.whole(sequence_options::layers),
                           .input_dropout = settings.number(options::input_dropout),
                           .dropout = settings.number(options::dropout)});
}

Network make_transformer(const ModelSettings& settings, const Scope& scope, Index vocabulary,
                         Index outputs) {
  return std::make_unique<TransformerText>(
      scope, vocabulary, outputs,
      TransformerTextOptions{.width = settings.whole(options::width),
                             .layers = settings.whole(sequence_options::layers),
                             .heads = settings.whole(sequence_options::heads),
                             .input_dropout = settings.number(options::input_dropout),
                             .dropout = settings.number(options::dropout)});
}

// What all networks know.
std::vector<OptionDefault> network_options(std::vector<OptionDefault> own, std::string_view length,
                                           std::string_view input_dropout,
                                           std::string_view dropout) {
  std::vector<OptionDefault> all = {{&options::tokens, "words"},
                                    {&options::merges, "4000"},
                                    {&options::min_count, "2", {}, {"1", "2", "3"}},
                                    {&options::length, length}};
  all.insert(all.end(), own.begin(), own.end());
  all.push_back({&options::input_dropout, input_dropout, {}, {"0", "0.1", "0.2", "0.3", "0.5"}});
  all.push_back({&options::dropout, dropout, {}, {"0.1", "0.3", "0.5"}});
  all.push_back({&options::batch, "32", {}, {"16", "32", "64"}});
  all.push_back({&options::label_smoothing, "0.1", {}, {"0", "0.05", "0.1", "0.2"}});
  return all;
}

TextRow network(std::string_view name, std::string_view summary, std::vector<OptionDefault> options,
                decltype(TextRow::make) make) {
  TextRow row;
  row.name = name;
  row.summary = summary;
  row.options = std::move(options);
  row.neural = true;
  row.loop = {.max_epochs = 40,
              .patience = 4,
              .learning_rate = 0.002,
              .final_rate = 0.05,
              .weight_decay = 0.01,
              .clip_norm = 1.0,
              .average_decay = 0.99};
  row.tuned_loop = {{"learning-rate", {"0.0005", "0.001", "0.002", "0.004"}},
                    {"weight-decay", {"0", "0.01", "0.1"}}};
  row.make = make;
  return row;
}

TextRow counted(std::string_view name, std::string_view summary, OptionDefault own) {
  TextRow row;
  row.name = name;
  row.summary = summary;
  row.options = {{&options::tokens, "words"},
                 {&options::merges, "4000"},
                 {&options::min_count, "1", {}, {"1", "2", "3"}},
                 {&options::ngrams, "2", {}, {"1", "2", "3"}},
                 {&options::subwords, "off", {}, {"off", "on"}},
                 std::move(own)};
  return row;
}

TextRow recurrent(std::string_view name, std::string_view summary,
                  Network (*make)(const ModelSettings&, const Scope&, Index, Index)) {
  return network(name, summary,
                 network_options({{&options::embedding, "200", {}, {"100", "200", "300"}},
                                  {&options::width, "128", {}, {"64", "128", "200"}},
                                  {&sequence_options::layers, "1", {}, {"1", "2"}}},
                                 "400", "0.3", "0.4"),
                 make);
}

std::vector<TextRow> make_rows() {
  return {
      network("bag", "the mean of the vectors of words, of runs of words and of parts of words",
              network_options({{&options::ngrams, "2", {}, {"1", "2", "3"}},
                               {&options::subwords, "on", {}, {"off", "on"}},
                               {&options::buckets, "100000"},
                               {&options::width, "200", {}, {"100", "200", "300"}}},
                              "2000", "0.3", "0.3"),
              make_bag),
      network("cnn", "convolutions over a text, each with its largest value",
              network_options({{&options::embedding, "200", {}, {"100", "200", "300"}},
                               {&options::width, "200", {}, {"100", "200", "300"}},
                               {&options::kernels, "1-2-3", {}, {"1-2-3", "2-3-4", "3-4-5"}}},
                              "400", "0.2", "0.5"),
              make_cnn),
      recurrent("rnn",
                "a recurrent network with tanh that reads a text from both ends, with attention",
                make_recurrent_text<RecurrentKind::rnn>),
      recurrent("lstm", "the same with long short-term memory",
                make_recurrent_text<RecurrentKind::lstm>),
      recurrent("gru", "the same with gated recurrent units",
                make_recurrent_text<RecurrentKind::gru>),
      network("transformer", "self-attention over a text",
              network_options({{&options::width, "128", {}, {"64", "128", "256"}},
                               {&sequence_options::layers, "2", {}, {"1", "2", "3"}},
                               {&sequence_options::heads, "4", {}, {"2", "4", "8"}}},
                              "400", "0.2", "0.2"),
              make_transformer),
      counted("logistic-regression", "logistic regression on TF-IDF",
              {&options::cost, "auto", {"0.3", "1", "3", "10", "30"}}),
      counted("linear-svm", "a linear support vector machine on TF-IDF",
              {&options::cost, "auto", {"0.1", "0.3", "1", "3", "10"}}),
      counted("naive-bayes", "multinomial naive Bayes on TF-IDF",
              {&options::smoothing, "auto", {"0.01", "0.03", "0.1", "0.3", "1"}})};
}

}  // namespace

const std::vector<TextRow>& text_rows() {
  static const std::vector<TextRow> rows = make_rows();
  return rows;
}

const TextRow& text_row(const std::string& name) { return row_named(text_rows(), name); }

void check_settings(const TextRow& row, const ModelSettings& settings) {
  if (find_option(row, options::embedding) != nullptr && settings.whole(options::embedding) == 0)
    throw OptionError(fmt::format("--embedding must be 1 or more with model {}, got 0", row.name));
  if (find_option(row, sequence_options::heads) == nullptr) return;
  const Index heads = settings.whole(sequence_options::heads),
              width = settings.whole(options::width);
  if (width % heads != 0)
    throw OptionError(
        fmt::format("--heads must divide --width, got {} heads and width {}", heads, width));
}

TextEncoderOptions encoder_options(const TextRow& row, const ModelSettings& settings) {
  const bool is_bag = find_option(row, options::buckets) != nullptr;
  return {.tokens = token_kind_of(settings.text(options::tokens)),
          .merges = settings.whole(options::merges),
          .min_texts = settings.whole(options::min_count),
          .length = settings.whole(options::length),
          .buckets = is_bag ? settings.whole(options::buckets) : 0,
          .longest = is_bag ? static_cast<int>(settings.whole(options::ngrams)) : 1,
          .subwords = is_bag && settings.text(options::subwords) == "on"};
}

CountedText::Options counted_options(const std::string& name, const ModelSettings& settings) {
  return {.kind = linear_kind_of(name),
          .tokens = token_kind_of(settings.text(options::tokens)),
          .merges = settings.whole(options::merges),
          .tfidf = {.longest = static_cast<int>(settings.whole(options::ngrams)),
                    .min_texts = settings.whole(options::min_count),
                    .subwords = settings.text(options::subwords) == "on"}};
}

}  // namespace tapegrad::apps
