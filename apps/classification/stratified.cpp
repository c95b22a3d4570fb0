#include <tapegrad/apps/classification/stratified.h>

#include <algorithm>
#include <cmath>
#include <map>

#include <tapegrad/graph/random.h>

namespace tapegrad::apps {
namespace {

// The examples of each class in a random order.
std::map<Index, std::vector<Index>> shuffled_classes(std::span<const Index> classes,
                                                     std::uint64_t seed) {
  std::map<Index, std::vector<Index>> examples;
  for (std::size_t i = 0; i < classes.size(); ++i)
    examples[classes[i]].push_back(static_cast<Index>(i));
  Random random(seed, 0);
  for (auto& [label, own] : examples) random.shuffle(std::span(own));
  return examples;
}

}  // namespace

std::vector<Index> stratified_folds(std::span<const Index> classes, Index folds,
                                    std::uint64_t seed) {
  std::vector<Index> fold(classes.size());
  Index next = 0;  // each class goes on where the one before it ended
  for (const auto& [label, examples] : shuffled_classes(classes, seed)) {
    for (const Index example : examples) fold[static_cast<std::size_t>(example)] = next++ % folds;
  }
  return fold;
}

TwoParts stratified_parts(std::span<const Index> classes, double fraction, std::uint64_t seed) {
  TwoParts parts;
  for (const auto& [label, examples] : shuffled_classes(classes, seed)) {
    const auto size = static_cast<Index>(examples.size());
    const auto wanted = static_cast<Index>(std::lround(fraction * static_cast<double>(size)));
    const auto middle = examples.begin() + std::clamp<Index>(wanted, 0, size - 1);
    parts.second.insert(parts.second.end(), examples.begin(), middle);
    parts.first.insert(parts.first.end(), middle, examples.end());
  }
  std::ranges::sort(parts.first);
  std::ranges::sort(parts.second);
  return parts;
}

}  // namespace tapegrad::apps
