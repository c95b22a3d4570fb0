#include <tapegrad/apps/models/sasrec.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {

SasRec::SasRec(const SequenceSettings& settings, const Scope& scope, Index items)
    : SequenceModel(scope, items, settings.width, 0.0),
      width_(settings.width),
      length_(settings.length),
      dropout_(settings.dropout),
      positions_(
          &(scope / "positions")
               .parameter("weight", {settings.length, settings.width}, nn::normal(0.0, 0.02))),
      encoder_(scope / "encoder", settings.layers, settings.width, settings.heads,
               {.inner = settings.width,
                .dropout = settings.dropout,
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

}  // namespace tapegrad::apps
