#include <tapegrad/apps/models/changed_events.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <tapegrad/apps/data/append_events.h>
#include <tapegrad/apps/data/listed_pairs.h>

namespace tapegrad::apps {
namespace {

// The pairs of the users who stay, by their new numbers.
std::shared_ptr<const UserItems> pairs_of_rest(const UserItems& pairs,
                                               const std::vector<std::int32_t>& numbers,
                                               Index users) {
  const ListedPairs all = listed_pairs(pairs);
  ListedPairs rest;
  for (std::size_t i = 0; i < all.users.size(); ++i) {
    const std::int32_t user = numbers[static_cast<std::size_t>(all.users[i])];
    if (user < 0) continue;
    rest.users.push_back(user);
    rest.items.push_back(all.items[i]);
    if (!all.weights.empty()) rest.weights.push_back(all.weights[i]);
  }
  return std::make_shared<const UserItems>(users, pairs.item_count(), rest.users, rest.items,
                                           rest.weights, pairs.unit());
}

std::shared_ptr<const UserItems> pairs_of_more_users(const UserItems& pairs, Index users) {
  const ListedPairs all = listed_pairs(pairs);
  return std::make_shared<const UserItems>(UserItems::as_saved(
      users, pairs.item_count(), all.users, all.items, all.weights, pairs.unit()));
}

std::vector<FeatureEntry> row_of(const EntityFeatures& features, Index entity) {
  std::vector<FeatureEntry> row;
  const auto places = features.places(entity);
  const auto values = features.values(entity);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (values[i] != 0.0F) row.push_back({places[i], values[i]});
  }
  return row;
}

// The rows of those who had some, and behind them, or in their place, what a table says.
std::shared_ptr<const EntityFeatures> joined_features(
    const std::shared_ptr<const EntityFeatures>& known, const IdMap& ids,
    const FeatureTable* table) {
  if (!known) return nullptr;
  std::vector<std::vector<FeatureEntry>> rows;
  for (Index entity = 0; entity < ids.size(); ++entity) {
    const Index row = table == nullptr ? -1 : table->ids.find(ids.name(entity));
    if (row >= 0)
      rows.push_back(table->rows[static_cast<std::size_t>(row)]);
    else
      rows.push_back(entity < known->count() ? row_of(*known, entity)
                                             : std::vector<FeatureEntry>());
  }
  return std::make_shared<const EntityFeatures>(known->encoders(), rows);
}

// The events of the users who stay.
std::shared_ptr<const Interactions> events_of_rest(const Interactions& events,
                                                   const std::vector<std::int32_t>& numbers,
                                                   const IdMap& users) {
  std::vector<bool> stays(events.users.size());
  for (std::size_t row = 0; row < stays.size(); ++row)
    stays[row] = numbers[static_cast<std::size_t>(events.users[row])] >= 0;
  auto rest = std::make_shared<Interactions>(subset(events, stays));
  for (std::int32_t& user : rest->users) user = numbers[static_cast<std::size_t>(user)];
  rest->user_ids = users;
  return rest;
}

// The events of the model with new ones behind them.
std::shared_ptr<const Interactions> joined_events(const StoredModel& model,
                                                  const Interactions& likes) {
  Interactions added;
  added.users = likes.users;
  added.items = likes.items;
  if (!model.events->ratings.empty()) added.ratings = likes.ratings;
  if (!model.events->times.empty()) added.times = likes.times;
  if (!model.events->weights.empty()) added.weights = likes.weights;
  added.weighed_at = likes.weighed_at;
  added.user_ids = likes.user_ids;
  added.item_ids = likes.item_ids;
  auto all = std::make_shared<Interactions>(*model.events);
  if (model.likes.half_life) {
    const double time = std::max(all->weighed_at, added.weighed_at);
    weigh_at(*all, time, *model.likes.half_life);
    weigh_at(added, time, *model.likes.half_life);
  }
  append_events(*all, added);
  all->user_ids = model.users;
  all->item_ids = model.items;
  return all;
}

std::vector<std::int32_t> joined_numbers(IdMap& all, const IdMap& more) {
  std::vector<std::int32_t> numbers;
  for (Index i = 0; i < more.size(); ++i)
    numbers.push_back(static_cast<std::int32_t>(all.insert(more.name(i))));
  return numbers;
}

}  // namespace

void remove_users(StoredModel& model, const std::vector<bool>& removed) {
  std::vector<std::int32_t> numbers(removed.size(), -1);
  IdMap rest;
  std::vector<std::vector<FeatureEntry>> rows;
  for (Index user = 0; user < model.users.size(); ++user) {
    if (removed[static_cast<std::size_t>(user)]) continue;
    numbers[static_cast<std::size_t>(user)] =
        static_cast<std::int32_t>(rest.insert(model.users.name(user)));
    if (model.user_features) rows.push_back(row_of(*model.user_features, user));
  }
  const bool same_targets = model.targets == model.seen;
  model.seen = pairs_of_rest(*model.seen, numbers, rest.size());
  model.targets = same_targets ? model.seen : pairs_of_rest(*model.targets, numbers, rest.size());
  model.had = pairs_of_rest(*model.had, numbers, rest.size());
  if (model.events) model.events = events_of_rest(*model.events, numbers, rest);
  if (model.user_features)
    model.user_features =
        std::make_shared<const EntityFeatures>(model.user_features->encoders(), rows);
  model.users = std::move(rest);
}

StoredModel without_learnt(const StoredModel& model) {
  StoredModel rest = model;
  rest.fitted = nullptr;
  return rest;
}

void add_events(StoredModel& model, const Interactions& likes, const UserItems& had,
                const FeatureTable* users, const FeatureTable* items) {
  const auto user_numbers = joined_numbers(model.users, likes.user_ids);
  const auto item_numbers = joined_numbers(model.items, likes.item_ids);
  if (users != nullptr) joined_numbers(model.users, users->ids);
  if (items != nullptr) joined_numbers(model.items, items->ids);
  const bool has_weights = model.seen->has_weights();
  const double time = std::max(model.weighed_at, likes.weighed_at);
  const auto aged = [&](double weighed_at) {
    return model.likes.half_life ? std::exp2((weighed_at - time) / *model.likes.half_life) : 1.0;
  };
  // All weights in the unit that those of the model have.
  const double old_scale = aged(model.weighed_at),
               new_scale = aged(likes.weighed_at) / model.seen->unit();
  const auto joined = [&](const UserItems& known, bool targets_only, bool weighted) {
    ListedPairs all = listed_pairs(known);
    for (float& weight : all.weights)
      weight = static_cast<float>(old_scale * static_cast<double>(weight));
    for (std::size_t row = 0; row < likes.users.size(); ++row) {
      if (targets_only && !likes.is_target(row)) continue;
      all.users.push_back(user_numbers[static_cast<std::size_t>(likes.users[row])]);
      all.items.push_back(item_numbers[static_cast<std::size_t>(likes.items[row])]);
      if (weighted)
        all.weights.push_back(
            static_cast<float>(new_scale * static_cast<double>(likes.weights[row])));
    }
    return std::make_shared<const UserItems>(model.users.size(), model.items.size(), all.users,
                                             all.items, all.weights, known.unit());
  };
  const bool same_targets = model.targets == model.seen;
  auto seen = joined(*model.seen, false, has_weights);
  model.targets = same_targets ? seen : joined(*model.targets, true, false);
  ListedPairs all_had = listed_pairs(*model.had);
  const ListedPairs new_had = listed_pairs(had);
  for (std::size_t i = 0; i < new_had.users.size(); ++i) {
    all_had.users.push_back(user_numbers[static_cast<std::size_t>(new_had.users[i])]);
    all_had.items.push_back(item_numbers[static_cast<std::size_t>(new_had.items[i])]);
  }
  model.had = std::make_shared<const UserItems>(model.users.size(), model.items.size(),
                                                all_had.users, all_had.items);
  model.seen = std::move(seen);
  model.weighed_at = time;
  if (model.events) model.events = joined_events(model, likes);
  model.user_features = joined_features(model.user_features, model.users, users);
  model.item_features = joined_features(model.item_features, model.items, items);
  if (model.titles.empty()) return;
  for (Index item = static_cast<Index>(model.titles.size()); item < model.items.size(); ++item)
    model.titles.push_back(model.items.name(item));
}

void add_users(StoredModel& model, const FeatureTable& users) {
  joined_numbers(model.users, users.ids);
  const bool same_targets = model.targets == model.seen;
  model.seen = pairs_of_more_users(*model.seen, model.users.size());
  model.targets =
      same_targets ? model.seen : pairs_of_more_users(*model.targets, model.users.size());
  model.had = pairs_of_more_users(*model.had, model.users.size());
  model.user_features = joined_features(model.user_features, model.users, &users);
}

}  // namespace tapegrad::apps
