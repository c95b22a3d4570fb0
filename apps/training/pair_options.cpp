#include <tapegrad/apps/training/pair_options.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tapegrad::apps {
namespace {

// As the option --loss has them.
constexpr std::array<std::pair<PairLoss, std::string_view>, 5> loss_names = {
    {{PairLoss::pointwise, "pointwise"},
     {PairLoss::softmax, "softmax"},
     {PairLoss::sigmoid, "sigmoid"},
     {PairLoss::sampled_softmax, "sampled-softmax"},
     {PairLoss::squared, "squared"}}};

}  // namespace

std::string name_of(PairLoss loss) {
  const auto found =
      std::ranges::find(loss_names, loss, &std::pair<PairLoss, std::string_view>::first);
  return std::string(found->second);
}

PairSourceOptions pair_options(const ModelSettings& settings, const UserItems& pairs,
                               std::uint64_t seed) {
  namespace names = model_options;
  constexpr double many_negatives = 1024.0;
  const std::string loss = settings.has(names::loss) ? settings.text(names::loss) : "pointwise";
  PairSourceOptions options{.seed = seed};
  const double whole =
      static_cast<double>(pairs.user_count()) * static_cast<double>(pairs.item_count());
  const double sampled = many_negatives * static_cast<double>(pairs.size());
  options.loss = whole > 4.0 * sampled ? PairLoss::sampled_softmax : PairLoss::softmax;
  for (const auto& [named, name] : loss_names) {
    if (loss == name) options.loss = named;
  }
  const bool is_sampled = options.loss == PairLoss::sampled_softmax;
  const bool is_squared = options.loss == PairLoss::squared;
  const Index standard_batch = options.loss == PairLoss::pointwise ? 1280
                               : is_sampled || is_squared          ? 1024
                                                                   : 0;
  options.batch = settings.is_auto(names::batch) ? standard_batch : settings.whole(names::batch);
  options.negatives = !settings.is_auto(names::negatives) ? settings.whole(names::negatives)
                      : is_sampled                        ? 1024
                                                          : 4;
  return options;
}

std::string describe(const PairSourceOptions& options, const UserItems& pairs) {
  switch (options.loss) {
    case PairLoss::pointwise:
      return fmt::format("each pair against {} sampled items, {} pairs a batch", options.negatives,
                         options.batch);
    case PairLoss::sampled_softmax:
      return fmt::format("softmax over {} sampled of {} items, {} pairs a batch", options.negatives,
                         pairs.item_count(), options.batch);
    case PairLoss::softmax:
      return fmt::format("softmax over all {} items", pairs.item_count());
    case PairLoss::squared:
      return fmt::format("the squared error of ratings, {} a batch", options.batch);
    case PairLoss::sigmoid:
      return fmt::format("a sigmoid for each of {} items", pairs.item_count());
  }
  return "";
}

}  // namespace tapegrad::apps
