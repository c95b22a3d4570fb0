#include <tapegrad/apps/models/model_file.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/model_recommender.h>
#include <tapegrad/apps/models/sealed_file.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad recommender 1";

bool is_neural(const std::string& name) { return std::ranges::count(model_names(), name) > 0; }

UserItems get_pairs(const nn::WeightFile& file, const std::string& name, Index users, Index items) {
  const auto user_numbers = get_list<std::int32_t>(file, name + ".users");
  const auto item_numbers = get_list<std::int32_t>(file, name + ".items");
  const auto outside = [](std::span<const std::int32_t> numbers, Index count) {
    return std::ranges::any_of(numbers,
                               [&](std::int32_t number) { return number < 0 || number >= count; });
  };
  if (user_numbers.size() != item_numbers.size() || outside(user_numbers, users) ||
      outside(item_numbers, items)) {
    throw Error(fmt::format(
        "its {0}.users and {0}.items must be as many, within the numbers of its users and items",
        name));
  }
  return UserItems(users, items, user_numbers, item_numbers);
}

std::shared_ptr<const EaseRecommender> get_ease(
    const std::shared_ptr<const nn::WeightReader>& reader, const UserItems& seen) {
  const auto weights = std::make_shared<const SealedRows>(reader, "ease.weights");
  const Shape shape{seen.item_count(), seen.item_count()};
  if (weights->shape() != shape)
    throw Error(fmt::format("its ease.weights have shape {}, expected {}",
                            weights->shape().to_string(), shape.to_string()));
  return std::make_shared<const EaseRecommender>(
      seen, [weights](Index item) { return weights->row(item); });
}

void put_ease(nn::WeightFile& file, const EaseRecommender& ease, Index items) {
  Array weights({items, items});
  for (Index item = 0; item < items; ++item)
    std::ranges::copy(
        ease.row(item),
        weights.values<float>().subspan(static_cast<std::size_t>(item * items)).begin());
  put_rows(file, "ease.weights", std::move(weights));
}

StoredModel read_model(OpenSealedFile& opened) {
  nn::WeightFile& file = opened.contents;
  check_format(file, format_name);
  StoredModel model;
  model.name = metadata_of(file, "model");
  check_recommender_name(model.name);
  model.seed = static_cast<std::uint64_t>(get_setting(file, settings::seed));
  if (model.name == "ease") model.lambda = get_setting(file, settings::lambda);
  const bool neural = is_neural(model.name);
  if (neural) {
    model.settings = {.name = model.name,
                      .factors = get_setting(file, settings::factors),
                      .dropout = get_setting(file, settings::dropout)};
  }
  model.protocol = get_label(file, "protocol");
  model.fingerprint = get_label(file, "data");
  model.users = get_ids(file, "users");
  model.items = get_ids(file, "items");
  model.seen = get_pairs(file, "seen", model.users.size(), model.items.size());
  model.had = get_pairs(file, "had", model.users.size(), model.items.size());
  model.described = get_description(file);
  if (file.metadata.contains(settings::min_rating.name))
    model.min_rating = get_setting(file, settings::min_rating);
  if (file.bytes.contains("titles.text")) {
    model.titles = get_texts(file, "titles");
    if (static_cast<Index>(model.titles.size()) != model.items.size())
      throw Error(
          fmt::format("its titles are {}, its items {}", model.titles.size(), model.items.size()));
  }
  if (model.name == "ease") model.ease = get_ease(opened.reader, model.seen);
  if (!neural) return model;
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.model = make_model(model.settings, scope, model.users.size(), model.items.size());
  });
  return model;
}

void put_pairs(nn::WeightFile& file, const std::string& name, const UserItems& pairs) {
  std::vector<std::int32_t> users, items;
  for (Index user = 0; user < pairs.user_count(); ++user) {
    const auto own = pairs.of(user);
    users.insert(users.end(), own.size(), static_cast<std::int32_t>(user));
    items.insert(items.end(), own.begin(), own.end());
  }
  put_list<std::int32_t>(file, name + ".users", users);
  put_list<std::int32_t>(file, name + ".items", items);
}

}  // namespace

void check_recommender_name(const std::string& name) {
  std::vector<std::string> names = model_names();
  names.insert(names.begin(), {"popularity", "ease"});
  if (std::ranges::count(names, name) > 0) return;
  throw OptionError(
      fmt::format("there is no model {}; there are {}", in_quotes(name), fmt::join(names, ", ")));
}

std::unique_ptr<Recommender> make_recommender(const StoredModel& model) {
  std::unique_ptr<const Recommender> learnt;
  if (model.name == "popularity")
    learnt = std::make_unique<PopularityRecommender>(model.seen);
  else if (model.name == "ease")
    learnt = std::make_unique<EaseRecommender>(*model.ease);
  else
    learnt =
        std::make_unique<ModelRecommender>(*model.model, *model.parameters, model.items.size());
  return std::make_unique<KnownRecommender>(std::move(learnt), model.seen);
}

void save_model(const std::string& path, const StoredModel& model) {
  nn::WeightFile file;
  file.metadata = {{"format", format_name}, {"model", model.name}};
  put_setting(file, settings::seed, model.seed);
  put_label(file, "protocol", model.protocol);
  put_label(file, "data", model.fingerprint);
  if (model.name == "ease") put_setting(file, settings::lambda, model.lambda);
  if (model.parameters) {
    put_setting(file, settings::factors, model.settings.factors);
    put_setting(file, settings::dropout, model.settings.dropout);
  }
  put_description(file, model.described);
  if (model.min_rating) put_setting(file, settings::min_rating, *model.min_rating);
  put_texts(file, "users", model.users.size(), [&](Index i) { return model.users.name(i); });
  put_texts(file, "items", model.items.size(), [&](Index i) { return model.items.name(i); });
  if (!model.titles.empty()) {
    put_texts(file, "titles", model.items.size(),
              [&](Index i) { return model.titles[static_cast<std::size_t>(i)]; });
  }
  put_pairs(file, "seen", model.seen);
  put_pairs(file, "had", model.had);
  if (model.ease) put_ease(file, *model.ease, model.items.size());
  if (model.parameters) put_weights(file, *model.parameters);
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
