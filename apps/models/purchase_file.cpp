#include <tapegrad/apps/models/purchase_file.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/feature_file.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad purchase model 2";

SequenceRow network_row(const std::string& name) {
  SequenceRow row = purchase_row(sequence_row(name));
  if (!row.is_neural()) throw Error(fmt::format("its model {} is no network", name));
  return row;
}

StoredPurchaseModel read_model(nn::WeightFile& file) {
  StoredPurchaseModel model;
  const SequenceRow row = get_row(file, format_name, network_row, model);
  model.temperature = get_setting(file, settings::temperature);
  model.threshold = get_setting(file, settings::threshold);
  model.items = get_ids(file, "items");
  model.types = get_ids(file, "types");
  const std::vector<std::string> purchase = get_texts(file, "purchase-type");
  if (purchase.size() != 1) throw Error("its purchase-type must be one text");
  model.purchase_type = purchase.front();
  model.item_features = get_features(file, "item_features", model.items.size());
  const SequenceInputs inputs{.items = model.items.size(),
                              .types = model.types.size(),
                              .item_features = model.item_features};
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.model = std::make_unique<PurchaseModel>(row, model.settings, scope, inputs);
  });
  return model;
}

}  // namespace

void save_purchase_model(const std::string& path, const StoredPurchaseModel& model) {
  nn::WeightFile file;
  put_row(file, format_name, network_row(model.name), model);
  put_setting(file, settings::temperature, model.temperature);
  put_setting(file, settings::threshold, model.threshold);
  for (const auto& [name, ids] : {std::pair("items", &model.items), {"types", &model.types}})
    put_texts(file, name, ids->size(), [&ids = *ids](Index i) { return ids.name(i); });
  put_texts(file, "purchase-type", 1, [&](Index /*i*/) { return model.purchase_type; });
  put_weights(file, *model.parameters);
  if (model.item_features) put_features(file, "item_features", *model.item_features);
  save_sealed(path, std::move(file));
}

StoredPurchaseModel load_purchase_model(const std::string& path) {
  return load_as("model of purchases", path, read_model);
}

bool is_purchase_file(const std::string& path) {
  return has_format(path, "tapegrad purchase model");
}

}  // namespace tapegrad::apps
