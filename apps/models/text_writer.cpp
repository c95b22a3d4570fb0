#include <tapegrad/apps/models/text_writer.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace tapegrad::apps {

Index draw_unit(std::span<const float> logits, const SamplingOptions& options, double uniform,
                Index forbidden) {
  std::vector<Index> order(logits.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::erase(order, forbidden);
  std::ranges::stable_sort(order, std::greater{},
                           [&](Index unit) { return logits[static_cast<std::size_t>(unit)]; });
  if (options.temperature == 0.0) return order.front();
  if (options.top_k > 0 && std::cmp_less(options.top_k, order.size()))
    order.resize(static_cast<std::size_t>(options.top_k));
  std::vector<double> weights;  // of the likeliest 1
  for (const Index unit : order) {
    const double below = static_cast<double>(logits[static_cast<std::size_t>(unit)]) -
                         static_cast<double>(logits[static_cast<std::size_t>(order.front())]);
    weights.push_back(std::exp(below / options.temperature));
  }
  double all = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (options.top_p < 1.0) {
    std::size_t count = 0;
    double sum = 0.0;
    while (count < weights.size() && sum < options.top_p * all) sum += weights[count++];
    weights.resize(std::max<std::size_t>(1, count));
    all = std::accumulate(weights.begin(), weights.end(), 0.0);
  }
  double left = uniform * all;
  std::size_t drawn = 0;
  while (drawn + 1 < weights.size() && (left -= weights[drawn]) >= 0.0) ++drawn;
  return order[drawn];
}

TextWriter::TextWriter(const StoredLanguageModel& model, const SamplingOptions& options,
                       std::uint64_t seed)
    : model_(model),
      options_(options),
      random_(seed),
      tape_(TapeOptions{.threads = 1, .training = false}) {}

void TextWriter::read(std::span<const std::int32_t> units) {
  const LanguageModel& model = *model_.model;
  for (const std::int32_t unit : units) {
    tape_.clear();
    const Index id = unit;
    const auto [states, after] =
        model.run(tape_, {&id, 1}, 1, carried_.begin(tape_, model.layers(), 1));
    carried_.keep(after);
    const auto logits = model.logits(states).values<float>();
    logits_.assign(logits.begin(), logits.end());
    carried_.take();
  }
}

Index TextWriter::write() {
  const Index unit =
      draw_unit(logits_, options_, random_.uniform(0.0, 1.0), model_.vocabulary.find(unknown_unit));
  const auto own = static_cast<std::int32_t>(unit);
  read({&own, 1});
  return unit;
}

}  // namespace tapegrad::apps
