#include <tapegrad/apps/models/sasrec.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

SasRec::SasRec(const Scope& scope, Index items, const SasRecOptions& options)
    : SequenceModel(scope, items, options.width, 0.0),
      width_(options.width),
      length_(options.length),
      dropout_(options.dropout),
      positions_(&(scope / "positions")
                      .parameter("weight", {options.length, options.width}, nn::normal(0.0, 0.02))),
      encoder_(scope / "encoder", options.layers, options.width, options.heads,
               {.inner = options.width,
                .dropout = options.dropout,
                .activation = nn::Activation::gelu,
                .norm_first = true,
                .causal = true}) {}

History SasRec::last_part(const History& history) const {
  return history.last(std::min(history.size(), static_cast<std::size_t>(length_)));
}

SasRec::Padded SasRec::pad(std::span<const History> histories) const {
  std::size_t longest = 1;
  for (const History& history : histories) longest = std::max(longest, last_part(history).size());
  Padded padded{.items = {},
                .mask = {},
                .batch = static_cast<Index>(histories.size()),
                .length = static_cast<Index>(longest)};
  for (const History& history : histories) {
    const History part = last_part(history);
    const std::size_t padding = longest - part.size();
    padded.items.insert(padded.items.end(), padding, 0);
    padded.items.insert(padded.items.end(), part.begin(), part.end());
    padded.mask.insert(padded.mask.end(), padding, 0.0F);
    padded.mask.insert(padded.mask.end(), part.size(), 1.0F);
  }
  return padded;
}

Tensor SasRec::run(Tape& tape, const Padded& histories) const {
  const auto& [items, mask, batch, length] = histories;
  const Tensor vectors =
      reshape(embed(tape, items), {batch, length, width_}) * std::sqrt(static_cast<double>(width_));
  const Tensor positions = slice(tape(*positions_), 0, length_ - length, length_);
  const Tensor states =
      encoder_(dropout(vectors + positions, dropout_), tape.input(mask, {batch, length}));
  return reshape(states, {batch * length, width_});
}

Tensor SasRec::states(Tape& tape, std::span<const History> histories) const {
  const Padded padded = pad(histories);
  std::vector<Index> last;
  for (Index i = 1; i <= padded.batch; ++i) last.push_back(i * padded.length - 1);
  return gather_rows(run(tape, padded), tape.ids(last));
}

SequenceRow sasrec_row() {
  return {.name = "sasrec",
          .summary = "self-attention over the last events of a history",
          .options = {{&sequence_options::width, "64", {}, {"32", "64", "96", "128"}},
                      {&sequence_options::layers, "2", {}, {"1", "2", "3"}},
                      {&sequence_options::heads, "1", {}, {"1", "2"}},
                      {&sequence_options::length, "50"},
                      {&sequence_options::dropout, "0.3", {}, {"0.1", "0.2", "0.3", "0.5"}},
                      {&sequence_options::batch, "128", {}, {"64", "128", "256"}}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     Index items) -> std::unique_ptr<SequenceModel> {
            const SasRecOptions options{.width = settings.whole(sequence_options::width),
                                        .layers = settings.whole(sequence_options::layers),
                                        .heads = settings.whole(sequence_options::heads),
                                        .length = settings.whole(sequence_options::length),
                                        .dropout = settings.number(sequence_options::dropout)};
            if (options.width % options.heads != 0)
              throw OptionError(fmt::format("--heads ({}) must divide --width ({})", options.heads,
                                            options.width));
            return std::make_unique<SasRec>(scope, items, options);
          },
          .loop = {.max_epochs = 50, .patience = 3, .learning_rate = 0.002, .average_decay = 0.99}};
}

}  // namespace tapegrad::apps
