#include <tapegrad/apps/models/sequence_file.h>

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/baselines/item_rules.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/apps/models/sealed_file.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad sequence model 1";

bool is_neural(const std::string& name) { return std::ranges::count(sequence_model_names(), name) > 0; }

std::vector<std::string> all_names() {
  std::vector<std::string> names{"popularity", "association-rules", "sequential-rules"};
  for (const std::string& name : sequence_model_names()) names.push_back(name);
  return names;
}

StoredSequenceModel read_model(const nn::WeightFile& file) {
  if (metadata_of(file, "format") != format_name)
    throw Error(fmt::format("its format is {}, expected {}", metadata_of(file, "format"), format_name));
  StoredSequenceModel model;
  model.name = metadata_of(file, "model");
  check_sequence_model_name(model.name);
  model.seed = number_of<std::uint64_t>(file, "seed");
  model.task = metadata_of(file, "task");
  model.fingerprint = metadata_of(file, "data");
  model.training.items = get_ids(file, "items");
  if (!is_neural(model.name)) {
    const auto offsets = tensor_of(file, "sessions.offsets", Dtype::int64).values<Index>();
    const auto events = tensor_of(file, "sessions.events", Dtype::int32).values<std::int32_t>();
    const bool fits = !offsets.empty() && offsets.front() == 0 && std::ranges::is_sorted(offsets) &&
                      offsets.back() == static_cast<Index>(events.size()) &&
                      std::ranges::all_of(events, [&](std::int32_t e) { return e >= 0 && e < model.training.items.size(); });
    if (!fits) throw Error("its sessions do not fit its items");
    model.training.offsets.assign(offsets.begin(), offsets.end());
    model.training.events.assign(events.begin(), events.end());
    return model;
  }
  model.settings = with_defaults(SequenceSettings{.name = model.name,
                                                  .width = number_of<Index>(file, "width"),
                                                  .layers = number_of<Index>(file, "layers"),
                                                  .heads = number_of<Index>(file, "heads"),
                                                  .length = number_of<Index>(file, "length"),
                                                  .dropout = number_of<double>(file, "dropout")});
  model.parameters = std::make_unique<Parameters>(model.seed);
  model.model = make_sequence_model(model.settings, model.parameters->root(), model.training.items.size());
  get_weights(file, *model.parameters);
  return model;
}

}  // namespace

void check_sequence_model_name(const std::string& name) {
  if (std::ranges::count(all_names(), name) > 0) return;
  throw OptionError(fmt::format("there is no model {}; there are {}", in_quotes(name), fmt::join(all_names(), ", ")));
}

std::unique_ptr<NextItemPredictor> make_predictor(const StoredSequenceModel& model) {
  if (model.name == "popularity") return std::make_unique<PopularNext>(model.training);
  if (model.name == "association-rules") return std::make_unique<ItemRules>(RuleKind::association, model.training);
  if (model.name == "sequential-rules") return std::make_unique<ItemRules>(RuleKind::sequential, model.training);
  return std::make_unique<ModelPredictor>(*model.model, *model.parameters);
}

void save_sequence_model(const std::string& path, const StoredSequenceModel& model) {
  nn::WeightFile file;
  file.metadata = {{"format", format_name},
                   {"model", model.name},
                   {"seed", std::to_string(model.seed)},
                   {"task", model.task},
                   {"data", model.fingerprint}};
  put_texts(file, "items", model.training.items.size(), [&](Index i) { return model.training.items.name(i); });
  if (model.parameters) {
    file.metadata["width"] = std::to_string(model.settings.width);
    file.metadata["layers"] = std::to_string(model.settings.layers);
    file.metadata["heads"] = std::to_string(model.settings.heads);
    file.metadata["length"] = std::to_string(model.settings.length);
    file.metadata["dropout"] = fmt::format("{}", model.settings.dropout);
    put_weights(file, *model.parameters);
  } else {
    const auto& [offsets, events] = std::tie(model.training.offsets, model.training.events);
    Array numbers({static_cast<Index>(events.size())}, Dtype::int32), starts({static_cast<Index>(offsets.size())}, Dtype::int64);
    std::ranges::copy(events, numbers.values<std::int32_t>().begin());
    std::ranges::copy(offsets, starts.values<Index>().begin());
    file.tensors.emplace("sessions.events", std::move(numbers));
    file.tensors.emplace("sessions.offsets", std::move(starts));
  }
  save_sealed(path, file);
}

StoredSequenceModel load_sequence_model(const std::string& path) {
  const nn::WeightFile file = load_sealed(path);
  try {
    return read_model(file);
  } catch (const std::exception& error) {
    throw Error(fmt::format("{}: is no sequence model of ours: {}", path, error.what()));
  }
}

}  // namespace tapegrad::apps
