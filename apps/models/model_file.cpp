#include <tapegrad/apps/models/model_file.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/models/sealed_file.h>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/model_recommender.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad recommender 1";

UserItems get_seen(const nn::WeightFile& file, Index users, Index items) {
  const auto user_numbers = tensor_of(file, "seen.users", Dtype::int32).values<std::int32_t>();
  const auto item_numbers = tensor_of(file, "seen.items", Dtype::int32).values<std::int32_t>();
  const auto outside = [](std::span<const std::int32_t> numbers, Index count) {
    return std::ranges::any_of(numbers, [&](std::int32_t number) { return number < 0 || number >= count; });
  };
  if (user_numbers.size() != item_numbers.size() || outside(user_numbers, users) || outside(item_numbers, items)) {
    throw Error("its seen pairs do not fit its ids");
  }
  return UserItems(users, items, user_numbers, item_numbers);
}

StoredModel read_model(const nn::WeightFile& file) {
  if (metadata_of(file, "format") != format_name)
    throw Error(fmt::format("its format is {}, expected {}", metadata_of(file, "format"), format_name));
  StoredModel model;
  model.name = metadata_of(file, "model");
  model.seed = number_of<std::uint64_t>(file, "seed");
  model.lambda = number_of<double>(file, "lambda");
  model.protocol = metadata_of(file, "protocol");
  model.fingerprint = metadata_of(file, "data");
  model.users = get_ids(file, "users");
  model.items = get_ids(file, "items");
  model.seen = get_seen(file, model.users.size(), model.items.size());
  if (file.bytes.contains("titles.text")) {
    model.titles = get_texts(file, "titles");
    if (static_cast<Index>(model.titles.size()) != model.items.size()) throw Error("its titles do not fit its items");
  }
  if (model.name == "popularity" || model.name == "ease") return model;
  model.settings = with_defaults(
      {.name = model.name, .factors = number_of<Index>(file, "factors"), .dropout = number_of<double>(file, "dropout")});
  model.parameters = std::make_unique<Parameters>(model.seed);
  model.model = make_model(model.settings, model.parameters->root(), model.users.size(), model.items.size());
  get_weights(file, *model.parameters);
  return model;
}

}  // namespace

std::unique_ptr<Recommender> make_recommender(const StoredModel& model, int threads) {
  if (model.name == "popularity") return std::make_unique<PopularityRecommender>(model.seen);
  if (model.name == "ease")
    return std::make_unique<EaseRecommender>(model.seen, EaseOptions{.lambda = model.lambda, .threads = threads});
  return std::make_unique<ModelRecommender>(*model.model, *model.parameters, model.items.size());
}

void save_model(const std::string& path, const StoredModel& model) {
  nn::WeightFile file;
  file.metadata = {{"format", format_name},
                   {"model", model.name},
                   {"seed", std::to_string(model.seed)},
                   {"lambda", fmt::format("{}", model.lambda)},
                   {"factors", std::to_string(model.settings.factors)},
                   {"dropout", fmt::format("{}", model.settings.dropout)},
                   {"protocol", model.protocol},
                   {"data", model.fingerprint}};
  put_texts(file, "users", model.users.size(), [&](Index i) { return model.users.name(i); });
  put_texts(file, "items", model.items.size(), [&](Index i) { return model.items.name(i); });
  if (!model.titles.empty()) {
    put_texts(file, "titles", model.items.size(), [&](Index i) { return model.titles[static_cast<std::size_t>(i)]; });
  }
  Array users({model.seen.size()}, Dtype::int32);
  Array items({model.seen.size()}, Dtype::int32);
  std::size_t at = 0;
  for (Index user = 0; user < model.seen.user_count(); ++user) {
    for (const std::int32_t item : model.seen.of(user)) {
      users.values<std::int32_t>()[at] = static_cast<std::int32_t>(user);
      items.values<std::int32_t>()[at++] = item;
    }
  }
  file.tensors.emplace("seen.users", std::move(users));
  file.tensors.emplace("seen.items", std::move(items));
  if (model.parameters) put_weights(file, *model.parameters);
  save_sealed(path, file);
}

StoredModel load_model(const std::string& path) {
  const nn::WeightFile file = load_sealed(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no recommender of ours: {}", path, error.what()));
  }
}

}  // namespace tapegrad::apps
