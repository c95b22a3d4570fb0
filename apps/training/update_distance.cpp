#include <tapegrad/apps/training/update_distance.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/listed_pairs.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/data/tested_events.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/rating_errors.h>
#include <tapegrad/apps/models/changed_events.h>
#include <tapegrad/apps/training/refit.h>

namespace tapegrad::apps {
namespace {

// The held-out item of each user, -1 for none.
using HeldItems = std::vector<std::int32_t>;

bool is_new(const StoredModel& before, Index user, std::int32_t item) {
  return user >= before.users.size() || item >= before.items.size() ||
         !before.seen->contains(user, item);
}

// For each user a new item that can be held out, or -1; of several the one with the least hash.
HeldItems held_items(const StoredModel& before, const StoredModel& after) {
  HeldItems held;
  for (Index user = 0; user < after.users.size(); ++user) {
    std::int32_t best = -1;
    const auto hash = [&](std::int32_t item) {
      return combine_bits(static_cast<std::uint64_t>(user), static_cast<std::uint64_t>(item));
    };
    if (after.targets->of(user).size() >= 2) {
      for (const std::int32_t item : after.targets->of(user)) {
        if (is_new(before, user, item) && (best < 0 || hash(item) < hash(best))) best = item;
      }
    }
    held.push_back(best);
  }
  return held;
}

// Those who are not among the `count` users with the least hashes of those who have events. Users
// with new events and without come in as they are in all data: both teach a model.
std::vector<bool> outside_of_sample(const UserItems& pairs, Index count) {
  std::vector<std::pair<std::uint64_t, std::size_t>> drawn;
  for (Index user = 0; user < pairs.user_count(); ++user) {
    const auto number = static_cast<std::size_t>(user);
    if (!pairs.of(user).empty()) drawn.emplace_back(combine_bits(1, number), number);
  }
  std::ranges::sort(drawn);
  drawn.resize(std::min(drawn.size(), static_cast<std::size_t>(count)));
  std::vector<bool> outside(static_cast<std::size_t>(pairs.user_count()), true);
  for (const auto& [hash, user] : drawn) outside[user] = false;
  return outside;
}

std::shared_ptr<const UserItems> without(const UserItems& pairs, const HeldItems& held) {
  const ListedPairs all = listed_pairs(pairs);
  ListedPairs rest;
  for (std::size_t i = 0; i < all.users.size(); ++i) {
    if (held[static_cast<std::size_t>(all.users[i])] == all.items[i]) continue;
    rest.users.push_back(all.users[i]);
    rest.items.push_back(all.items[i]);
    if (!all.weights.empty()) rest.weights.push_back(all.weights[i]);
  }
  return std::make_shared<const UserItems>(UserItems::as_saved(
      pairs.user_count(), pairs.item_count(), rest.users, rest.items, rest.weights, pairs.unit()));
}

// What users gave their held-out items; `events` lose these.
TestedEvents take_tested(std::shared_ptr<const Interactions>& events, const HeldItems& held) {
  std::vector<bool> stays(events->users.size());
  TestedEvents tested;
  for (std::size_t row = 0; row < stays.size(); ++row) {
    const std::int32_t user = events->users[row], item = events->items[row];
    stays[row] = held[static_cast<std::size_t>(user)] != item;
    if (stays[row] || events->ratings.empty()) continue;
    tested.users.push_back(user);
    tested.items.push_back(item);
    tested.ratings.push_back(events->ratings[row]);
  }
  events = std::make_shared<const Interactions>(subset(*events, stays));
  return tested;
}

double shared_items(std::span<const RankedCase> one, std::span<const RankedCase> other) {
  double sum = 0.0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (const std::int32_t item : one[i].top)
      sum += std::ranges::count(other[i].top, item) > 0 ? 1.0 : 0.0;
  }
  return sum / static_cast<double>(std::max<std::size_t>(1, one.size()));
}

}  // namespace

UpdateDistance distance_of_update(const StoredModel& before, const StoredModel& after, int rounds,
                                  Index users, int k, int threads, Progress& progress) {
  const std::vector<bool> outside = outside_of_sample(*after.seen, users);
  StoredModel old = without_learnt(before), updated = without_learnt(after);
  remove_users(old, {outside.begin(), outside.begin() + before.users.size()});
  remove_users(updated, outside);
  HeldItems held;
  std::vector<RankingCase> cases;
  const HeldItems all_held = held_items(before, after);
  for (std::size_t user = 0; user < outside.size(); ++user) {
    if (outside[user]) continue;
    if (all_held[user] >= 0)
      cases.push_back({static_cast<std::int32_t>(held.size()), {all_held[user]}, {}});
    held.push_back(all_held[user]);
  }
  UpdateDistance distance{.users = updated.users.size(), .cases = static_cast<Index>(cases.size())};
  if (cases.empty() || old.users.size() == 0 || old.seen->size() == 0) return {};
  const bool same_targets = updated.targets == updated.seen;
  updated.seen = without(*updated.seen, held);
  updated.targets = same_targets ? updated.seen : without(*updated.targets, held);
  TestedEvents tested;
  if (updated.events) tested = take_tested(updated.events, held);
  old.loop.part = updated.loop.part = "measuring, ";
  StoredModel refitted = without_learnt(updated);
  refit(old, threads, progress);
  train_further(updated, old, rounds, threads, progress);
  refit(refitted, threads, progress);
  const auto ranked = [&](const StoredModel& model) {
    return rank_cases(*make_recommender(model), cases, *model.seen, k, threads);
  };
  const auto by_update = ranked(updated), by_refit = ranked(refitted);
  distance.shared = shared_items(by_update, by_refit);
  distance.of_ratings = !tested.ratings.empty();
  if (distance.of_ratings) {
    const RatingErrors errors = rating_errors(*updated.fitted->ratings(), tested, threads);
    if (errors.ratings == 0) return {};
    distance.updated = errors.rmse;
    distance.refitted = rating_errors(*refitted.fitted->ratings(), tested, threads).rmse;
    return distance;
  }
  distance.updated = mean_metrics(by_update, k).ndcg;
  distance.refitted = mean_metrics(by_refit, k).ndcg;
  return distance;
}

}  // namespace tapegrad::apps
