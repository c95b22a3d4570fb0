#include <tapegrad/apps/classification/bag_network.h>

#include <cmath>
#include <vector>

namespace tapegrad::apps {
namespace {

nn::EmbeddingBagOptions table_options(const BagOptions& options) {
  // As small as in the paper's program, so that what the training never saw says next to nothing.
  const double bound = 1.0 / static_cast<double>(options.width);
  return {.mode = nn::BagMode::sum, .weight = nn::uniform(-bound, bound)};
}

}  // namespace

BagNetwork::BagNetwork(const Scope& scope, Index vocabulary, Index classes,
                       const BagOptions& options)
    : TextNetwork(scope, options.width, classes, options.dropout),
      input_dropout_(options.input_dropout),
      table_(scope / "embedding", vocabulary, options.width, table_options(options)) {}

Tensor BagNetwork::encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                          const Tensor& strengths) const {
  std::vector<Index> ids, offsets;
  std::vector<double> factors;
  for (const Index text : texts) {
    offsets.push_back(static_cast<Index>(ids.size()));
    const auto tokens = inputs.of(text);
    ids.insert(ids.end(), tokens.begin(), tokens.end());
    factors.insert(factors.end(), tokens.size(), 1.0 / static_cast<double>(tokens.size()));
  }
  Tensor shares = tape.input(factors, {static_cast<Index>(factors.size())});
  if (strengths) shares = shares * strengths;
  return table_(tape, ids, offsets, tapegrad::dropout(shares, input_dropout_));
}

}  // namespace tapegrad::apps
