#include <tapegrad/apps/models/purchase_file.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/feature_file.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/row_settings.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad purchase model 2";

StoredPurchaseModel read_model(nn::WeightFile& file) {
  check_format(file, format_name);
  StoredPurchaseModel model;
  model.name = metadata_of(file, "model");
  const SequenceRow row = purchase_row(sequence_row(model.name));
  if (!row.is_neural()) throw Error(fmt::format("its model {} is no network", model.name));
  model.seed = static_cast<std::uint64_t>(get_setting(file, settings::seed));
  model.settings = get_settings(file, row);
  model.fingerprint = get_label(file, "data");
  model.described = get_description(file);
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
  file.metadata = {{"format", format_name}, {"model", model.name}};
  put_setting(file, settings::seed, model.seed);
  put_settings(file, purchase_row(sequence_row(model.name)), model.settings);
  put_label(file, "data", model.fingerprint);
  put_description(file, model.described);
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
  nn::WeightFile file = load_sealed(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no model of purchases: {}", path, error.what()));
  }
}

bool is_purchase_file(const std::string& path) {
  return has_format(path, "tapegrad purchase model");
}

}  // namespace tapegrad::apps
