#include <tapegrad/apps/models/next_item_loss.h>

#include <algorithm>

namespace tapegrad::apps {

const std::vector<std::string_view>& next_item_losses() {
  // In the order of the enumeration.
  static const std::vector<std::string_view> names = {"softmax", "sampled-softmax", "bce", "gbce",
                                                      "bpr-max"};
  return names;
}

NextItemLoss next_item_loss_of(std::string_view name) {
  const auto& names = next_item_losses();
  return static_cast<NextItemLoss>(std::ranges::find(names, name) - names.begin());
}

Index negatives_of_batch(const NextItemLossOptions& options, Index rows) {
  if (options.loss == NextItemLoss::softmax) return 0;
  return options.loss == NextItemLoss::bce ? rows : options.negatives;
}

}  // namespace tapegrad::apps
