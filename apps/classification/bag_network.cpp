#include <tapegrad/apps/classification/bag_network.h>

#include <cmath>
#include <vector>

#include <tapegrad/apps/data/stable_hash.h>

namespace tapegrad::apps {
namespace {

nn::EmbeddingBagOptions table_options(const BagOptions& options) {
  const double bound = 1.0 / std::sqrt(static_cast<double>(options.width));
  return {.mode = nn::BagMode::sum, .weight = nn::uniform(-bound, bound)};
}

}  // namespace

BagNetwork::BagNetwork(const Scope& scope, Index vocabulary, Index classes,
                       const BagOptions& options)
    : TextNetwork(scope, options.width, classes, options.dropout),
      options_(options),
      vocabulary_(vocabulary),
      table_(scope / "embedding", vocabulary + options.buckets, options.width,
             table_options(options)) {}

std::vector<Index> BagNetwork::rows_of(std::span<const std::int32_t> tokens) const {
  std::vector<Index> rows(tokens.begin(), tokens.end());
  if (options_.buckets == 0) return rows;
  for (std::size_t first = 0; first < tokens.size(); ++first) {
    StableHash hash;
    hash.add_int(tokens[first]);
    for (int n = 2; n <= options_.longest && first + static_cast<std::size_t>(n) <= tokens.size();
         ++n) {
      hash.add_int(tokens[first + static_cast<std::size_t>(n) - 1]);
      rows.push_back(vocabulary_ + static_cast<Index>(hash.value() % static_cast<std::uint64_t>(
                                                                         options_.buckets)));
    }
  }
  return rows;
}

Tensor BagNetwork::encode(Tape& tape, const TextInputs& inputs,
                          std::span<const Index> texts) const {
  std::vector<Index> ids, offsets;
  std::vector<double> factors;
  for (const Index text : texts) {
    offsets.push_back(static_cast<Index>(ids.size()));
    const std::vector<Index> rows = rows_of(inputs.of(text));
    ids.insert(ids.end(), rows.begin(), rows.end());
    factors.insert(factors.end(), rows.size(), 1.0 / static_cast<double>(rows.size()));
  }
  const Tensor shares = tape.input(factors, {static_cast<Index>(factors.size())});
  return table_(tape, ids, offsets, tapegrad::dropout(shares, options_.input_dropout));
}

}  // namespace tapegrad::apps
