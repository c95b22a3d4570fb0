#include <tapegrad/apps/models/language_row.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_options.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

namespace language_options {

using Kind = ModelOption::Kind;
const ModelOption embedding{
    .name = "embedding",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 4096,
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "task language: width of the vectors of words or characters, from 1 to 4096; auto: for "
        "words as wide as the states, for characters 64 or less"};
const ModelOption tied{
    .name = "tied",
    .kind = Kind::word,
    .words = {"off", "on"},
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "task language: whether the vectors of words or characters are the weights of the "
        "output, too: on or off; auto: on for words, off for characters"};
const ModelOption input_dropout{
    .name = "input-dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .is_kept = true,
    .help =
        "task language: part of the numbers of the vectors of words or characters that is "
        "dropped while training, from 0 to 0.99"};

const std::vector<const ModelOption*>& own() {
  static const std::vector<const ModelOption*> list = {&embedding, &tied, &input_dropout};
  return list;
}

const std::vector<const ModelOption*>& all() {
  namespace names = sequence_options;
  static const std::vector<const ModelOption*> list = {
      &names::width, &names::layers, &names::dropout,   &names::batch,
      &names::steps, &names::loss,   &names::negatives, &names::sampling_exponent,
      &embedding,    &tied,          &input_dropout};
  return list;
}

}  // namespace language_options

namespace {

LanguageRow row_of(std::string_view name, RecurrentKind kind) {
  return {.name = name,
          .options = {{&sequence_options::width, "256"},
                      {&sequence_options::layers, "2"},
                      {&sequence_options::dropout, "0.25"},
                      {&sequence_options::batch, "64"},
                      {&sequence_options::steps, "64"},
                      {&sequence_options::loss, "softmax"},
                      {&sequence_options::negatives, "4096"},
                      {&sequence_options::sampling_exponent, "0.75"},
                      {&language_options::embedding, "auto"},
                      {&language_options::tied, "auto"},
                      {&language_options::input_dropout, "0.1"}},
          .kind = kind,
          .loop = {.max_epochs = 30,
                   .patience = 3,
                   .learning_rate = 0.004,
                   .final_rate = 0.02,
                   .weight_decay = 0.01,
                   .clip_norm = 1.0,
                   .average_decay = 0.998}};
}

}  // namespace

const std::vector<LanguageRow>& language_rows() {
  static const std::vector<LanguageRow> rows = {row_of("rnn", RecurrentKind::rnn),
                                                row_of("lstm", RecurrentKind::lstm),
                                                row_of("gru", RecurrentKind::gru)};
  return rows;
}

const LanguageRow& language_row(const std::string& name) {
  const auto found = std::ranges::find(language_rows(), name, &LanguageRow::name);
  if (found == language_rows().end())
    throw OptionError(fmt::format(
        "model {} cannot be trained with task language, in which a state is carried through a "
        "text: expected rnn, lstm or gru",
        in_quotes(name)));
  return *found;
}

ModelSettings decided(const LanguageRow& row, const ModelSettings& settings, TextUnit unit) {
  ModelSettings own = settings;
  for (const ModelOption* option : {&sequence_options::batch, &sequence_options::dropout,
                                    &sequence_options::loss, &sequence_options::negatives}) {
    if (own.is_auto(*option)) own.set(*option, std::string(find_option(row, *option)->value));
  }
  if (own.is_auto(language_options::tied))
    own.set(language_options::tied, unit == TextUnit::words ? "on" : "off");
  if (own.is_auto(language_options::embedding)) {
    const Index width = own.whole(sequence_options::width);
    own.set(language_options::embedding,
            std::to_string(unit == TextUnit::words ? width : std::min<Index>(width, 64)));
  }
  return own;
}

NextItemLossOptions language_loss(const ModelSettings& settings) {
  const std::string& name = settings.text(sequence_options::loss);
  const NextItemLoss loss = next_item_loss_of(name);
  if (loss != NextItemLoss::softmax && loss != NextItemLoss::sampled_softmax)
    throw OptionError(fmt::format(
        "--loss {} cannot be minimised with task language, whose models give probabilities: "
        "expected softmax or sampled-softmax",
        name));
  return {.loss = loss,
          .negatives = settings.whole(sequence_options::negatives),
          .exponent = settings.number(sequence_options::sampling_exponent)};
}

LanguageModelOptions language_model_options(const LanguageRow& row, const ModelSettings& settings) {
  return {.kind = row.kind,
          .width = settings.whole(sequence_options::width),
          .embedding = settings.whole(language_options::embedding),
          .layers = settings.whole(sequence_options::layers),
          .tied = settings.text(language_options::tied) == "on",
          .dropout = settings.number(sequence_options::dropout),
          .input_dropout = settings.number(language_options::input_dropout)};
}

}  // namespace tapegrad::apps
