#include <tapegrad/apps/recommending/slate.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

SlateRules::SlateRules(Index items) : reasons_(static_cast<std::size_t>(items), 0) {}

void SlateRules::forbid(std::int32_t item, const std::string& reason) {
  const auto found = std::ranges::find(names_, reason);
  const auto place = static_cast<std::uint8_t>(1 + (found - names_.begin()));
  if (found == names_.end()) names_.push_back(reason);
  std::uint8_t& own = reasons_[static_cast<std::size_t>(item)];
  if (own == 0) own = place;
}

void SlateRules::forbid_where(const std::string& reason,
                              const std::function<bool(std::int32_t item)>& forbidden) {
  for (std::int32_t item = 0; item < static_cast<std::int32_t>(item_count()); ++item) {
    if (forbidden(item)) forbid(item, reason);
  }
}

void SlateRules::limit_categories(std::vector<std::int32_t> categories, int most) {
  categories_ = std::move(categories);
  most_of_category_ = most;
}

std::string SlateRules::describe_forbidden() const {
  std::vector<std::string> parts;
  for (std::size_t name = 0; name < names_.size(); ++name) {
    const auto count = std::ranges::count(reasons_, static_cast<std::uint8_t>(name + 1));
    if (count > 0) parts.push_back(fmt::format("{} {}", count, names_[name]));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// One list, item after item.
class SlateChooser {
 public:
  SlateChooser(std::span<const float> scores, int k, const SlateRules& rules,
               std::span<const std::int32_t> had)
      : scores_(scores), k_(static_cast<std::size_t>(k)), rules_(rules), had_(had) {}

  Slate choose() {
    gather();
    if (rules_.diversity > 0.0)
      choose_diverse();
    else
      choose_best();
    if (slate_.items.size() < k_) explain();
    return std::move(slate_);
  }

 private:
  static bool is_worse(const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score < b.score : a.item > b.item;
  }

  void gather() {
    auto had = had_.begin();
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      const auto item = static_cast<std::int32_t>(i);
      while (had != had_.end() && *had < item) ++had;
      const bool is_had = had != had_.end() && *had == item;
      if (!rules_.is_allowed(item)) continue;
      if (is_had) {
        ++had_count_;
      } else if (std::isnan(scores_[i])) {
        ++unknown_;
      } else {
        candidates_.push_back({item, scores_[i]});
      }
    }
  }

  // Whether the item's category has room for it, which it then takes.
  bool takes_place(std::int32_t item) {
    if (rules_.most_of_category_ == 0) return true;
    const std::int32_t category = rules_.categories_[static_cast<std::size_t>(item)];
    if (category < 0) return true;
    int& taken = taken_[category];
    if (taken == rules_.most_of_category_) return false;
    ++taken;
    return true;
  }

  void choose_best() {
    std::ranges::make_heap(candidates_, is_worse);
    while (slate_.items.size() < k_ && !candidates_.empty()) {
      std::ranges::pop_heap(candidates_, is_worse);
      const Scored best = candidates_.back();
      candidates_.pop_back();
      if (takes_place(best.item))
        slate_.items.push_back(best);
      else
        ++crowded_;
    }
  }

  // Among the best, since an item far down is not worth its difference.
  void choose_diverse() {
    const std::size_t pool = std::min(candidates_.size(), std::max<std::size_t>(100, 10 * k_));
    const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(pool);
    std::ranges::partial_sort(candidates_, end,
                              [](const Scored& a, const Scored& b) { return is_worse(b, a); });
    std::vector<Scored> rest(end, candidates_.end());
    candidates_.erase(end, candidates_.end());
    const double greatest = candidates_.empty() ? 0.0 : static_cast<double>(candidates_[0].score);
    const double least = candidates_.empty() ? 0.0 : static_cast<double>(candidates_.back().score);
    const double range = greatest > least ? greatest - least : 1.0;
    std::vector<double> nearest(candidates_.size(), 0.0);
    std::vector<bool> is_open(candidates_.size(), true);
    while (slate_.items.size() < k_) {
      std::size_t best = candidates_.size();
      double best_value = 0.0;
      for (std::size_t i = 0; i < candidates_.size(); ++i) {
        if (!is_open[i]) continue;
        const double relevance = (static_cast<double>(candidates_[i].score) - least) / range;
        const double value = (1.0 - rules_.diversity) * relevance - rules_.diversity * nearest[i];
        if (best == candidates_.size() || value > best_value) {
          best = i;
          best_value = value;
        }
      }
      if (best == candidates_.size()) break;
      is_open[best] = false;
      const Scored chosen = candidates_[best];
      if (!takes_place(chosen.item)) {
        ++crowded_;
        continue;
      }
      slate_.items.push_back(chosen);
      for (std::size_t i = 0; i < candidates_.size(); ++i) {
        if (is_open[i])
          nearest[i] = std::max(nearest[i], rules_.similarity(chosen.item, candidates_[i].item));
      }
    }
    if (slate_.items.size() == k_) return;
    candidates_ = std::move(rest);
    choose_best();
  }

  void explain() {
    std::vector<std::string> parts;
    if (const std::string forbidden = rules_.describe_forbidden(); !forbidden.empty())
      parts.push_back(forbidden);
    if (had_count_ > 0) parts.push_back(fmt::format("{} were had before", had_count_));
    if (unknown_ > 0)
      parts.push_back(fmt::format("{} have no event that was trained on", unknown_));
    if (crowded_ > 0) parts.push_back(fmt::format("{} are of categories that are full", crowded_));
    slate_.shortfall = fmt::format(
        "{} of the {} items wanted: of {} items {}", slate_.items.size(), k_, scores_.size(),
        parts.empty() ? "no more exist" : fmt::format("{}", fmt::join(parts, ", ")));
  }

  std::span<const float> scores_;
  std::size_t k_;
  const SlateRules& rules_;
  std::span<const std::int32_t> had_;
  std::vector<Scored> candidates_;
  std::map<std::int32_t, int> taken_;
  Index had_count_ = 0, unknown_ = 0, crowded_ = 0;
  Slate slate_;
};

Slate choose_slate(std::span<const float> scores, int k, const SlateRules& rules,
                   std::span<const std::int32_t> had) {
  if (k < 1) throw OptionError(fmt::format("expected k of at least 1, got {}", k));
  if (!(rules.diversity >= 0.0 && rules.diversity <= 1.0))
    throw OptionError(fmt::format("expected a diversity within [0, 1], got {}", rules.diversity));
  return SlateChooser(scores, k, rules, had).choose();
}

}  // namespace tapegrad::apps
