#include <fmt/format.h>

#include <tapegrad/apps/baselines/item_rules.h>
#include <tapegrad/apps/baselines/next_popularity.h>
#include <tapegrad/apps/baselines/stan.h>
#include <tapegrad/apps/baselines/vsknn.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/nextitnet.h>
#include <tapegrad/apps/models/recurrent_next.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sasrec.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

const std::vector<SequenceRow>& sequence_rows() {
  static const std::vector<SequenceRow> rows = {popular_next_row(),
                                                recent_popular_next_row(),
                                                own_popular_next_row(),
                                                association_rules_row(),
                                                sequential_rules_row(),
                                                vsknn_row(),
                                                stan_row(),
                                                rnn_row(),
                                                lstm_row(),
                                                gru_row(),
                                                sasrec_row(),
                                                esasrec_row(),
                                                nextitnet_row()};
  return rows;
}

SequenceModelOptions event_options(const ModelSettings& settings) {
  return {.width = settings.whole(sequence_options::width),
          .dropout = settings.number(sequence_options::dropout),
          .intervals = settings.text(sequence_options::intervals) == "on",
          .revisits = settings.text(sequence_options::revisits) == "on"};
}

NextItemLossOptions loss_options(const ModelSettings& settings) {
  return {.loss = next_item_loss_of(settings.text(sequence_options::loss)),
          .negatives = settings.whole(sequence_options::negatives),
          .exponent = settings.number(sequence_options::sampling_exponent),
          .regularisation = settings.number(sequence_options::regularisation),
          .calibration = settings.number(sequence_options::calibration)};
}

SequenceRow window_row(std::string_view name, std::string_view summary,
                       std::vector<OptionDefault> own, decltype(SequenceRow::make) make) {
  std::vector<OptionDefault> options = {
      {&sequence_options::width, "64", {}, {"32", "64", "96", "128"}}};
  options.insert(options.end(), own.begin(), own.end());
  const std::vector<OptionDefault> shared = {
      {&sequence_options::length, "auto"},
      {&sequence_options::dropout, "auto", {}, {"auto", "0.1", "0.2", "0.3", "0.5"}},
      {&sequence_options::intervals, "off", {}, {"off", "on"}},
      {&sequence_options::revisits, "off", {}, {"off", "on"}},
      {&sequence_options::loss, "auto", {}, {"auto", "gbce"}},
      {&sequence_options::negatives, "auto"},
      {&sequence_options::sampling_exponent, "0"},
      {&sequence_options::regularisation, "0.5"},
      {&sequence_options::calibration, "0.75"},
      {&sequence_options::batch, "auto", {}, {"auto", "32", "64", "128", "256"}}};
  options.insert(options.end(), shared.begin(), shared.end());
  return {.name = name,
          .summary = summary,
          .options = options,
          .make = make,
          .loop = {.max_epochs = 50, .patience = 3, .learning_rate = 0.002, .average_decay = 0.99},
          .tuned_loop = {{"learning-rate", {"0.0005", "0.001", "0.002", "0.004"}}}};
}

void require_heads(const ModelSettings& settings) {
  const Index heads = settings.whole(sequence_options::heads),
              width = settings.whole(sequence_options::width);
  if (width % heads != 0)
    throw OptionError(fmt::format("--heads ({}) must divide --width ({})", heads, width));
}

const SequenceRow& sequence_row(const std::string& name) {
  return row_named(sequence_rows(), name);
}

}  // namespace tapegrad::apps
