#include <tapegrad/apps/training/fit_purchase.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/models/sequence_defaults.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/purchase_source.h>

namespace tapegrad::apps {

int fit_purchase(StoredPurchaseModel& model, const PurchaseSessions& training,
                 const PurchaseFitOptions& options, Progress& progress) {
  const SequenceRow& row = sequence_row(model.name);
  const Sessions& sessions = training.sessions;
  // The defaults of a purchase row are numbers, but --batch auto and the like may be given.
  model.settings = decided(purchase_row(row), options.settings, training.sessions);
  model.seed = options.loop.seed;
  model.items = sessions.items;
  model.types = sessions.type_ids;
  model.item_features = sessions.item_features;
  model.fingerprint = hexadecimal(fingerprint(sessions));
  const PurchaseParts parts = last_tenth(training);
  require_both(parts.before, "the first nine tenths of the sessions");
  require_both(parts.last, "the last tenth of the sessions, which validates");
  const int threads = std::max(1, options.loop.threads);
  const auto fit = [&](const PurchaseSessions& on, const LoopOptions& loop, bool judged) {
    model.parameters = std::make_unique<Parameters>(options.loop.seed);
    model.model = std::make_unique<PurchaseModel>(row, model.settings, model.parameters->root(),
                                                  inputs_of(sessions));
    PurchaseSource source(*model.model, on, model.settings.whole(sequence_options::batch),
                          options.loop.seed);
    const auto judge = [&] {
      const Binary predicted = predict_purchases(model, parts.last, threads);
      const double value = average_precision(predicted);
      return Judgement{.value = value,
                       .among_equals = -log_loss(predicted),
                       .text = fmt::format("AUPRC {:.4f}", value)};
    };
    return train(*model.parameters, source, loop,
                 judged ? std::function<Judgement()>(judge) : nullptr, progress);
  };
  const auto calibrate = [&] {
    model.parameters->settle();
    const std::vector<double> logits = purchase_logits(*model.model, parts.last.sessions, threads);
    model.temperature = fit_temperature(logits, parts.last.bought);
    Binary predicted{.probabilities = {}, .happened = parts.last.bought};
    for (const double logit : logits) predicted.probabilities.push_back(model.probability(logit));
    model.threshold = best_decision(predicted).threshold;
  };
  bool is_calibrated = false;
  return choose_and_refit(
      options.loop, options.refit,
      [&](const LoopOptions& loop) {
        const LoopResult result = fit(parts.before, loop, true);
        calibrate();
        is_calibrated = true;
        return result;
      },
      [&](const LoopOptions& loop) {
        // Nothing was chosen: the number of epochs was given, or a run goes on that had chosen.
        if (!is_calibrated) {
          fit(parts.before, run_beside(loop, "calibrating, "), false);
          calibrate();
        }
        fit(training, loop, false);
      });
}

Binary predict_purchases(const StoredPurchaseModel& model, const PurchaseSessions& sessions,
                         int threads) {
  model.parameters->settle();
  Binary predicted{.probabilities = {}, .happened = sessions.bought};
  for (const double logit : purchase_logits(*model.model, sessions.sessions, threads))
    predicted.probabilities.push_back(model.probability(logit));
  return predicted;
}

}  // namespace tapegrad::apps
