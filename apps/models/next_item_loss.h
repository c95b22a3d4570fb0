// What models of sequences minimise.
#pragma once

#include <string_view>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

enum class NextItemLoss {
  softmax,          // cross-entropy over all items
  sampled_softmax,  // over the next item and negatives that the batch shares (nn::sampled_softmax)
  bce,              // binary cross-entropy of the next item and one negative of its own
  gbce,             // the same with many negatives that the batch shares, calibrated
  bpr_max           // BPR-max against negatives that the batch shares
};

struct NextItemLossOptions {
  NextItemLoss loss = NextItemLoss::softmax;
  Index negatives = 512;        // that a batch shares
  double exponent = 0.75;       // an item is drawn as a negative by (its events)^exponent
  double regularisation = 0.5;  // of bpr_max
  double calibration = 0.75;    // of gbce: from 0 (none) to 1 (full)
};

// As the option --loss has them.
const std::vector<std::string_view>& next_item_losses();
// The loss that a name of these stands for.
NextItemLoss next_item_loss_of(std::string_view name);

// How many negatives are drawn for a batch with so many rows: one for each row with bce, else those
// that the batch shares.
Index negatives_of_batch(const NextItemLossOptions& options, Index rows);

}  // namespace tapegrad::apps
