// Rules "who looked at this also looked at that", counted.
#pragma once

#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/evaluation/next_item.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

enum class RuleKind {
  // Both items in one session, in any order, at most 500 events apart: 1 for each pair of events.
  association,
  // The second at most ten events after the first: 1 / distance for each pair of events.
  sequential
};

// Scores an item by its rule from the history's last one. Source: Ludewig & Jannach, User Modeling
// and User-Adapted Interaction 28, 2018, section 3.1.
class ItemRules : public NextItemPredictor {
 public:
  ItemRules(RuleKind kind, const Sessions& training);
  void score(std::span<const History> histories, std::span<float> scores) const override;

 private:
  struct Rule {
    std::int32_t to = 0;
    float weight = 0.0F;
  };
  std::vector<Rule> rules_;     // by the first item
  std::vector<Index> offsets_;  // of each item's rules
};

// Models `association-rules` and `sequential-rules`.
SequenceRow association_rules_row();
SequenceRow sequential_rules_row();

}  // namespace tapegrad::apps
