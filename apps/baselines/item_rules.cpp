#include <tapegrad/apps/baselines/item_rules.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace tapegrad::apps {
namespace {

// How far apart two events may be.
std::size_t longest_distance(RuleKind kind) { return kind == RuleKind::sequential ? 10 : 500; }

}  // namespace

ItemRules::ItemRules(RuleKind kind, const Sessions& training) {
  std::vector<std::unordered_map<std::int32_t, double>> weights(
      static_cast<std::size_t>(training.items.size()));
  for (Index s = 0; s < training.count(); ++s) {
    const auto events = training.of(s).items;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::size_t first = i - std::min(i, longest_distance(kind));
      for (std::size_t j = first; j < i; ++j) {
        const std::int32_t from = events[j], to = events[i];
        if (kind == RuleKind::association) {
          weights[static_cast<std::size_t>(from)][to] += 1.0;
          weights[static_cast<std::size_t>(to)][from] += 1.0;
        } else {
          weights[static_cast<std::size_t>(from)][to] += 1.0 / static_cast<double>(i - j);
        }
      }
    }
  }
  offsets_.push_back(0);
  for (const auto& own : weights) {
    const auto begin = rules_.end() - rules_.begin();
    for (const auto& [to, weight] : own) rules_.push_back({to, static_cast<float>(weight)});
    std::sort(rules_.begin() + begin, rules_.end(),
              [](const Rule& a, const Rule& b) { return a.to < b.to; });
    offsets_.push_back(static_cast<Index>(rules_.size()));
  }
}

void ItemRules::score(std::span<const History> histories, std::span<float> scores) const {
  std::ranges::fill(scores, 0.0F);
  const std::size_t items = offsets_.size() - 1;
  for (std::size_t h = 0; h < histories.size(); ++h) {
    const auto last = static_cast<std::size_t>(histories[h].items.back());
    for (auto r = static_cast<std::size_t>(offsets_[last]);
         r < static_cast<std::size_t>(offsets_[last + 1]); ++r)
      scores[h * items + static_cast<std::size_t>(rules_[r].to)] = rules_[r].weight;
  }
}

namespace {

template <RuleKind kind>
std::unique_ptr<NextItemPredictor> count_rules(const ModelSettings& /*settings*/,
                                               const Sessions& training) {
  return std::make_unique<ItemRules>(kind, training);
}

}  // namespace

SequenceRow association_rules_row() {
  return {.name = "association-rules",
          .summary = "items that come in the sessions of the last one",
          .count = count_rules<RuleKind::association>};
}

SequenceRow sequential_rules_row() {
  return {.name = "sequential-rules",
          .summary = "items that come after the last one",
          .count = count_rules<RuleKind::sequential>,
          .is_baseline_of_histories = true};
}

}  // namespace tapegrad::apps
