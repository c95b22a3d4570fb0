#include <tapegrad/apps/training/fit_language.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/models/sequence_options.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/text_source.h>

namespace tapegrad::apps {

int fit_language(StoredLanguageModel& model, const TextSplit& split,
                 const LanguageFitOptions& options, Progress& progress) {
  const LanguageRow& row = language_row(model.name);
  model.settings = decided(row, options.settings, split.unit);
  model.seed = options.loop.seed;
  model.unit = split.unit;
  model.vocabulary = split.vocabulary;
  model.fingerprint = hexadecimal(fingerprint(split));
  const int threads = std::max(1, options.loop.threads);
  const auto fit = [&](std::span<const std::int32_t> text, const LoopOptions& loop, bool judged) {
    model.parameters = std::make_unique<Parameters>(options.loop.seed);
    model.model = std::make_unique<LanguageModel>(model.parameters->root(), model.vocabulary.size(),
                                                  language_model_options(row, model.settings));
    TextSource source(*model.model, text,
                      {.lanes = model.settings.whole(sequence_options::batch),
                       .steps = model.settings.whole(sequence_options::steps),
                       .loss = language_loss(model.settings),
                       .seed = options.loop.seed});
    const auto judge = [&] {
      model.parameters->settle();
      const double loss = text_loss(*model.model, split.validation(), threads);
      return Judgement{
          .value = -loss,
          .text = fmt::format("loss {:.4f} (perplexity {:.2f})", loss, std::exp(loss))};
    };
    return train(*model.parameters, source, loop,
                 judged ? std::function<Judgement()>(judge) : nullptr, progress);
  };
  const int epochs = choose_and_refit(
      options.loop, options.refit,
      [&](const LoopOptions& loop) { return fit(split.before_validation(), loop, true); },
      [&](const LoopOptions& loop) { fit(split.training, loop, false); });
  model.parameters->settle();
  return epochs;
}

double unigram_loss(std::span<const std::int32_t> training, std::span<const std::int32_t> test,
                    Index vocabulary) {
  std::vector<double> counts(static_cast<std::size_t>(vocabulary), 1.0);
  for (const std::int32_t unit : training) counts[static_cast<std::size_t>(unit)] += 1.0;
  const double all = static_cast<double>(training.size()) + static_cast<double>(vocabulary);
  double total = 0.0;
  for (const std::int32_t unit : test.subspan(1))
    total -= std::log(counts[static_cast<std::size_t>(unit)] / all);
  return total / static_cast<double>(test.size() - 1);
}

}  // namespace tapegrad::apps
