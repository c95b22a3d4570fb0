#include <tapegrad/apps/models/model_file.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/listed_pairs.h>
#include <tapegrad/apps/models/feature_file.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/loop_settings.h>
#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/models/row_settings.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/apps/models/settings.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad recommender 4";
constexpr std::size_t longest_weights = 4096;  // of the text of event weights

// Numbers of users or items, of which there are `count`.
std::span<const std::int32_t> get_numbers(const nn::WeightFile& file, const std::string& name,
                                          Index count) {
  const auto numbers = get_list<std::int32_t>(file, name);
  if (std::ranges::any_of(numbers,
                          [&](std::int32_t number) { return number < 0 || number >= count; }))
    throw Error(fmt::format("its {} must be numbers from 0 to {}", name, count - 1));
  return numbers;
}

std::shared_ptr<const UserItems> get_pairs(const nn::WeightFile& file, const std::string& name,
                                           Index users, Index items, bool has_weights = false) {
  const auto user_numbers = get_numbers(file, name + ".users", users);
  const auto item_numbers = get_numbers(file, name + ".items", items);
  if (user_numbers.size() != item_numbers.size())
    throw Error(fmt::format("its {0}.users and {0}.items must be as many", name));
  std::span<const float> weights;
  double unit = 1.0;
  if (has_weights) {
    weights = get_list<float>(file, name + ".weights");
    const bool fit = std::ranges::all_of(
        weights, [](float weight) { return std::isfinite(weight) && weight >= 0.0F; });
    if (weights.size() != user_numbers.size() || !fit)
      throw Error(fmt::format(
          "its {0}.weights must be as many as {0}.users, finite and not negative", name));
    unit = get_setting(file, settings::weight_unit);
  }
  return std::make_shared<const UserItems>(
      UserItems::as_saved(users, items, user_numbers, item_numbers, weights, unit));
}

// Values of events, one each.
template <class Value>
std::vector<Value> get_values(const nn::WeightFile& file, const std::string& name,
                              std::size_t events) {
  const auto values = get_list<Value>(file, name);
  if (values.size() != events)
    throw Error(fmt::format("its {} must be as many as events.users", name));
  return {values.begin(), values.end()};
}

std::shared_ptr<const Interactions> get_events(const nn::WeightFile& file,
                                               const StoredModel& model) {
  auto events = std::make_shared<Interactions>();
  events->user_ids = model.users;
  events->item_ids = model.items;
  const auto user_numbers = get_numbers(file, "events.users", model.users.size());
  const auto item_numbers = get_numbers(file, "events.items", model.items.size());
  const std::size_t count = user_numbers.size();
  if (count != item_numbers.size())
    throw Error("its events.users and events.items must be as many");
  events->users.assign(user_numbers.begin(), user_numbers.end());
  events->items.assign(item_numbers.begin(), item_numbers.end());
  if (has_squared_loss(model.settings)) {
    events->ratings = get_values<float>(file, "events.ratings", count);
    return events;
  }
  events->times = get_values<double>(file, "events.times", count);
  if (!std::ranges::all_of(events->times, [](double time) { return std::isfinite(time); }))
    throw Error("its events.times must be finite");
  events->weighed_at = model.weighed_at;
  if (!model.likes.has_weights()) return events;
  events->weights = get_values<float>(file, "events.weights", count);
  if (!std::ranges::all_of(events->weights,
                           [](float weight) { return std::isfinite(weight) && weight >= 0.0F; }))
    throw Error("its events.weights must be finite and not negative");
  return events;
}

void put_events(nn::WeightFile& file, const Interactions& events) {
  put_list<std::int32_t>(file, "events.users", events.users);
  put_list<std::int32_t>(file, "events.items", events.items);
  if (!events.ratings.empty()) put_list<float>(file, "events.ratings", events.ratings);
  if (!events.times.empty()) put_list<double>(file, "events.times", events.times);
  if (!events.weights.empty()) put_list<float>(file, "events.weights", events.weights);
}

LikeOptions get_likes(const nn::WeightFile& file) {
  LikeOptions likes;
  if (file.metadata.contains(settings::min_rating.name))
    likes.min_rating = get_setting(file, settings::min_rating);
  if (file.metadata.contains("event-weights"))
    likes.event_weights = EventWeights(get_label(file, "event-weights", longest_weights));
  if (file.metadata.contains(settings::half_life.name))
    likes.half_life = get_setting(file, settings::half_life);
  return likes;
}

void put_likes(nn::WeightFile& file, const LikeOptions& likes) {
  if (likes.min_rating) put_setting(file, settings::min_rating, *likes.min_rating);
  if (likes.event_weights)
    put_label(file, "event-weights", likes.event_weights->text(), longest_weights);
  if (likes.half_life) put_setting(file, settings::half_life, *likes.half_life);
}

StoredModel read_model(OpenSealedFile& opened) {
  nn::WeightFile& file = opened.contents;
  check_format(file, format_name);
  StoredModel model;
  model.name = metadata_of(file, "model");
  const ModelRow& row = model_row(model.name);
  model.seed = static_cast<std::uint64_t>(get_setting(file, settings::seed));
  model.settings = get_settings(file, row);
  if (row.is_neural()) {
    model.loop = get_loop(file);
    model.loop.seed = model.seed;
  }
  model.protocol = get_label(file, "protocol");
  model.repeats = repeats_of(metadata_of(file, "repeat-items"));
  model.fingerprint = get_label(file, "data");
  model.users = get_ids(file, "users");
  if (file.metadata.contains("key-check")) model.key_check = get_label(file, "key-check");
  model.items = get_ids(file, "items");
  const Index users = model.users.size(), items = model.items.size();
  model.likes = get_likes(file);
  if (model.likes.half_life) model.weighed_at = get_setting(file, settings::weighed_at);
  if (!model.likes.has_weights() && file.tensors.contains("seen.weights"))
    throw Error("its seen.weights need event-weights or a half-life");
  if (!model.likes.event_weights && file.tensors.contains("targets.users"))
    throw Error("its targets.users need event-weights");
  model.seen = get_pairs(file, "seen", users, items, model.likes.has_weights());
  model.targets = model.likes.event_weights ? get_pairs(file, "targets", users, items) : model.seen;
  model.had = get_pairs(file, "had", users, items);
  model.user_features = get_features(file, "user_features", users);
  model.item_features = get_features(file, "item_features", items);
  model.described = get_description(file);
  if (is_fitted_to_events(model.settings)) model.events = get_events(file, model);
  if (file.bytes.contains("excluded.text")) {
    for (std::string& id : get_texts(file, "excluded")) model.excluded_items.insert(std::move(id));
  }
  if (file.bytes.contains("titles.text")) {
    model.titles = get_texts(file, "titles");
    if (static_cast<Index>(model.titles.size()) != items)
      throw Error(fmt::format("its titles are {}, its items {}", model.titles.size(), items));
  }
  if (!row.is_neural()) {
    model.fitted = row.load({file, opened.reader}, model.settings, model.inputs());
    return model;
  }
  std::unique_ptr<InteractionModel> network;
  auto parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    network = row.make(model.settings, scope, model.inputs());
  });
  model.fitted = std::make_unique<NeuralModel>(std::move(parameters), std::move(network), items);
  return model;
}

void put_pairs(nn::WeightFile& file, const std::string& name, const UserItems& pairs) {
  const ListedPairs listed = listed_pairs(pairs);
  put_list<std::int32_t>(file, name + ".users", listed.users);
  put_list<std::int32_t>(file, name + ".items", listed.items);
  if (!pairs.has_weights()) return;
  put_list<float>(file, name + ".weights", listed.weights);
  put_setting(file, settings::weight_unit, pairs.unit());
}

}  // namespace

std::unique_ptr<KnownRecommender> make_recommender(const StoredModel& model) {
  return std::make_unique<KnownRecommender>(model.fitted->recommender(), model.seen,
                                            model.user_features, model.item_features.get());
}

void save_model(const std::string& path, const StoredModel& model) {
  nn::WeightFile file;
  file.metadata = {{"format", format_name},
                   {"model", model.name},
                   {"repeat-items", model.repeats == Repeats::drop ? "drop" : "keep"}};
  put_setting(file, settings::seed, model.seed);
  put_label(file, "protocol", model.protocol);
  put_label(file, "data", model.fingerprint);
  const ModelRow& row = model_row(model.name);
  put_settings(file, row, model.settings);
  if (row.is_neural()) put_loop(file, model.loop);
  put_description(file, model.described);
  put_likes(file, model.likes);
  if (!model.excluded_items.empty()) {
    const std::vector<std::string> ids(model.excluded_items.begin(), model.excluded_items.end());
    put_texts(file, "excluded", static_cast<Index>(ids.size()),
              [&](Index i) { return ids[static_cast<std::size_t>(i)]; });
  }
  if (model.likes.half_life) put_setting(file, settings::weighed_at, model.weighed_at);
  if (model.events) put_events(file, *model.events);
  if (!model.key_check.empty()) put_label(file, "key-check", model.key_check);
  put_texts(file, "users", model.users.size(), [&](Index i) { return model.users.name(i); });
  put_texts(file, "items", model.items.size(), [&](Index i) { return model.items.name(i); });
  if (!model.titles.empty()) {
    put_texts(file, "titles", model.items.size(),
              [&](Index i) { return model.titles[static_cast<std::size_t>(i)]; });
  }
  put_pairs(file, "seen", *model.seen);
  if (model.targets != model.seen) put_pairs(file, "targets", *model.targets);
  put_pairs(file, "had", *model.had);
  if (model.user_features) put_features(file, "user_features", *model.user_features);
  if (model.item_features) put_features(file, "item_features", *model.item_features);
  model.fitted->save(file);
  save_sealed(path, std::move(file));
}

StoredModel load_model(const std::string& path) {
  OpenSealedFile file = open_sealed(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no recommender of ours: {}", path, error.what()));
  }
}

}  // namespace tapegrad::apps
