#include <tapegrad/apps/models/purchase_model.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <tapegrad/apps/data/parallel.h>

namespace tapegrad::apps {

PurchaseModel::PurchaseModel(const SequenceRow& row, const ModelSettings& settings,
                             const Scope& scope, const SequenceInputs& inputs)
    : encoder_(row.make(settings, scope / "encoder", inputs)),
      output_(scope / "purchase", encoder_->width(), 1) {}

Tensor PurchaseModel::logits(Tape& tape, std::span<const History> sessions,
                             const Tensor& strengths) const {
  std::vector<History> parts;
  for (const History& session : sessions)
    parts.push_back(session.last_at_most(static_cast<std::size_t>(longest())));
  Tensor own = strengths;
  if (strengths)
    own = slice(strengths, 0, static_cast<Index>(sessions[0].size() - parts[0].size()),
                static_cast<Index>(sessions[0].size()));
  return reshape(output_(encoder_->states(tape, parts, own)), {-1});
}

SequenceRow purchase_row(const SequenceRow& row) {
  namespace names = sequence_options;
  const std::array kept = {&names::width,     &names::layers,   &names::heads,
                           &names::length,    &names::kernel,   &names::dropout,
                           &names::intervals, &names::revisits, &names::batch};
  SequenceRow own = row;
  std::erase_if(own.options, [&](const OptionDefault& known) {
    return std::ranges::find(kept, known.option) == kept.end();
  });
  for (OptionDefault& known : own.options) {
    if (known.option == &names::dropout) known.value = "0.1";
    if (known.option == &names::width) known.value = "64";
    if (known.option == &names::length) known.value = "50";
    if (known.option == &names::batch) known.value = "64";
    if (known.option == &names::revisits) known.value = "on";
  }
  own.loop.learning_rate = 0.003;
  return own;
}

std::vector<SequenceRow> purchase_rows() {
  std::vector<SequenceRow> rows;
  for (const SequenceRow& row : sequence_rows()) {
    if (row.is_neural()) rows.push_back(purchase_row(row));
  }
  return rows;
}

std::vector<double> purchase_logits(const PurchaseModel& model, const Sessions& sessions,
                                    int threads) {
  constexpr Index block = 128;  // sessions that are scored together
  std::vector<double> logits(static_cast<std::size_t>(sessions.count()));
  TapePool tapes;
  parallel_ranges((sessions.count() + block - 1) / block, 1, threads, [&](Index first, Index last) {
    for (Index b = first; b < last; ++b) {
      std::vector<History> histories;
      for (Index s = b * block; s < std::min(sessions.count(), (b + 1) * block); ++s)
        histories.push_back(sessions.of(s));
      TapePool::Borrowed tape(tapes);
      std::ranges::copy(model.logits(*tape, histories).values<float>(), logits.begin() + b * block);
    }
  });
  return logits;
}

double StoredPurchaseModel::probability(double logit) const {
  return 1.0 / (1.0 + std::exp(-logit / temperature));
}

}  // namespace tapegrad::apps
