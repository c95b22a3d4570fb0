#include <tapegrad/apps/models/feature_file.h>

#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {

std::shared_ptr<const EntityFeatures> get_features(const nn::WeightFile& file,
                                                   const std::string& name, Index count) {
  const auto schema = file.bytes.find(name + ".schema");
  if (schema == file.bytes.end()) {
    if (file.tensors.contains(name + ".places"))
      throw Error(fmt::format("it lacks the tensor {}.schema", name));
    return nullptr;
  }
  const nlohmann::json json = nlohmann::json::parse(schema->second, nullptr, false);
  if (!json.is_array()) throw Error(fmt::format("its {}.schema is no list", name));
  std::vector<FeatureEncoder> encoders;
  try {
    for (const nlohmann::json& one : json) encoders.emplace_back(one);
  } catch (const DataError& error) {
    throw Error(fmt::format("its {}.schema: {}", name, error.what()));
  }
  const auto places = get_list<std::int32_t>(file, name + ".places");
  const auto values = get_list<float>(file, name + ".values");
  const Index length = count > 0 ? static_cast<Index>(places.size()) / count : 1;
  try {
    return std::make_shared<const EntityFeatures>(
        std::move(encoders), count, length, std::vector<std::int32_t>(places.begin(), places.end()),
        std::vector<float>(values.begin(), values.end()));
  } catch (const DataError& error) {
    throw Error(fmt::format("its {}: {}", name, error.what()));
  }
}

void put_features(nn::WeightFile& file, const std::string& name, const EntityFeatures& features) {
  nlohmann::json json = nlohmann::json::array();
  for (const FeatureEncoder& encoder : features.encoders()) json.push_back(encoder.to_json());
  file.bytes.emplace(name + ".schema",
                     json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  std::vector<std::int32_t> places;
  std::vector<float> values;
  for (Index entity = 0; entity < features.count(); ++entity) {
    const auto own_places = features.places(entity);
    const auto own_values = features.values(entity);
    places.insert(places.end(), own_places.begin(), own_places.end());
    values.insert(values.end(), own_values.begin(), own_values.end());
  }
  put_list<std::int32_t>(file, name + ".places", places);
  put_list<float>(file, name + ".values", values);
}

}  // namespace tapegrad::apps
