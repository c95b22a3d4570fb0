// The list of items that somebody is shown, under a shop's rules.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// What may be shown to anybody.
class SlateRules {
 public:
  explicit SlateRules(Index items);

  // Forbids an item; `reason` is what a list that is too short says, such as "are out of stock".
  // The first reason of an item counts.
  void forbid(std::int32_t item, const std::string& reason);
  // Forbids all items for which `forbidden` holds.
  void forbid_where(const std::string& reason,
                    const std::function<bool(std::int32_t item)>& forbidden);
  bool is_allowed(std::int32_t item) const { return reasons_[static_cast<std::size_t>(item)] == 0; }

  // At most so many items of each category; an item of category -1 has no limit. `categories` has
  // one for each item.
  void limit_categories(std::vector<std::int32_t> categories, int most);

  // From 0 (scores alone) to 1 (difference alone): maximal marginal relevance. Each next item is
  // the one with the greatest (1 - diversity) · score - diversity · the greatest similarity to an
  // item of the list, scores scaled to [0, 1] over the candidates. Source: Carbonell & Goldstein,
  // SIGIR 1998.
  double diversity = 0.0;
  std::function<double(std::int32_t, std::int32_t)> similarity{};

  Index item_count() const { return static_cast<Index>(reasons_.size()); }
  // How many items each reason forbids, as in "12 are out of stock, 3 are excluded"; empty for
  // none.
  std::string describe_forbidden() const;

 private:
  friend class SlateChooser;
  std::vector<std::uint8_t> reasons_;  // by item: 0, or 1 + a place in names_
  std::vector<std::string> names_;
  std::vector<std::int32_t> categories_;
  int most_of_category_ = 0;  // 0: no limit
};

struct Slate {
  std::vector<Scored> items;  // best first
  std::string shortfall;      // why there are fewer than wanted; empty where there are not
};

// The `k` best items that the rules allow and that are not among `had` (ascending); equal scores by
// number. Items whose score is NaN are not known to the model. Exactly k where so many exist,
// otherwise with the reason. Throws OptionError unless k is positive and the diversity within [0,
// 1].
Slate choose_slate(std::span<const float> scores, int k, const SlateRules& rules,
                   std::span<const std::int32_t> had);

}  // namespace tapegrad::apps
