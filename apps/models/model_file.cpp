#include <tapegrad/apps/models/model_file.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/models/model_recommender.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad recommender 1";

// Texts as bytes one after another, and where each ends.
void put_texts(nn::WeightFile& file, const std::string& name, Index count, const auto& text_of) {
  std::string bytes;
  Array ends({count}, Dtype::int64);
  for (Index i = 0; i < count; ++i) {
    bytes += text_of(i);
    ends.values<Index>()[static_cast<std::size_t>(i)] = static_cast<Index>(bytes.size());
  }
  file.bytes.emplace(name + ".text", std::move(bytes));
  file.tensors.emplace(name + ".ends", std::move(ends));
}

const Array& tensor_of(const nn::WeightFile& file, const std::string& name, Dtype dtype) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) throw Error(fmt::format("it lacks the tensor {}", name));
  if (found->second.dtype() != dtype)
    throw Error(fmt::format("its tensor {} is {}, expected {}", name, name_of(found->second.dtype()), name_of(dtype)));
  return found->second;
}

std::vector<std::string> get_texts(const nn::WeightFile& file, const std::string& name) {
  const auto bytes = file.bytes.find(name + ".text");
  if (bytes == file.bytes.end()) throw Error(fmt::format("it lacks the tensor {}.text", name));
  std::vector<std::string> texts;
  Index begin = 0;
  for (const Index end : tensor_of(file, name + ".ends", Dtype::int64).values<Index>()) {
    if (end < begin || end > static_cast<Index>(bytes->second.size()))
      throw Error(fmt::format("its {} do not fit their text", name));
    texts.push_back(bytes->second.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
    begin = end;
  }
  return texts;
}

IdMap get_ids(const nn::WeightFile& file, const std::string& name) {
  IdMap ids;
  for (const std::string& text : get_texts(file, name)) {
    if (ids.find(text) >= 0) throw Error(fmt::format("its {} name {} twice", name, text));
    ids.insert(text);
  }
  return ids;
}

std::string metadata_of(const nn::WeightFile& file, const std::string& name) {
  const auto found = file.metadata.find(name);
  if (found == file.metadata.end()) throw Error(fmt::format("its metadata lack {}", name));
  return found->second;
}

template <class T>
T number_of(const nn::WeightFile& file, const std::string& name) {
  const std::string text = metadata_of(file, name);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) throw Error(fmt::format("its metadata say {} = {}", name, text));
  return value;
}

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
  std::map<std::string, Array> weights;
  for (const auto& [name, array] : file.tensors) {
    if (name.starts_with("model.")) weights.emplace(name.substr(6), array);
  }
  nn::set_weights(*model.parameters, weights);
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
  if (model.parameters) {
    for (auto& [name, array] : nn::weights_of(*model.parameters)) file.tensors.emplace("model." + name, array);
  }
  nn::save_weights(path, file);
}

StoredModel load_model(const std::string& path) {
  const nn::WeightFile file = nn::load_weights(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no recommender of ours: {}", path, error.what()));
  }
}

}  // namespace tapegrad::apps
