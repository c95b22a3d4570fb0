#include <tapegrad/apps/models/sequence_file.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/feature_file.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad sequence model 4";

// The sessions that a model is counted from, into those without any.
void get_sessions(const nn::WeightFile& file, Sessions& sessions) {
  const auto offsets = get_list<Index>(file, "sessions.offsets");
  const auto events = get_list<std::int32_t>(file, "sessions.events");
  const auto times = get_list<double>(file, "sessions.times");
  if (offsets.empty() || offsets.front() != 0 || !std::ranges::is_sorted(offsets) ||
      offsets.back() != static_cast<Index>(events.size()))
    throw Error(
        fmt::format("its sessions.offsets must ascend from 0 to its {} events", events.size()));
  const auto outside = [&](std::int32_t event) {
    return event < 0 || event >= sessions.items.size();
  };
  if (const auto bad = std::ranges::find_if(events, outside); bad != events.end())
    throw Error(fmt::format("its sessions.events must be within its {} items, got {}",
                            sessions.items.size(), *bad));
  if (!times.empty() && times.size() != events.size())
    throw Error(fmt::format("its sessions.times are {}, its sessions.events {}", times.size(),
                            events.size()));
  if (!std::ranges::all_of(times, [](double time) { return std::isfinite(time); }))
    throw Error("its sessions.times must be finite");
  sessions.offsets.assign(offsets.begin(), offsets.end());
  sessions.events.assign(events.begin(), events.end());
  sessions.times.assign(times.begin(), times.end());
}

// For each item whether it is known: 1 or 0.
void put_learnt(nn::WeightFile& file, Index items, const std::vector<std::int32_t>& unlearnt) {
  std::vector<std::int32_t> learnt(static_cast<std::size_t>(items), 1);
  for (const std::int32_t item : unlearnt) learnt[static_cast<std::size_t>(item)] = 0;
  put_list<std::int32_t>(file, "learnt", learnt);
}

std::vector<std::int32_t> get_unlearnt(const nn::WeightFile& file, Index items) {
  const auto learnt = get_list<std::int32_t>(file, "learnt");
  if (static_cast<Index>(learnt.size()) != items)
    throw Error(fmt::format("its learnt are {}, its items {}", learnt.size(), items));
  std::vector<std::int32_t> unlearnt;
  for (std::size_t item = 0; item < learnt.size(); ++item) {
    if (learnt[item] != 0 && learnt[item] != 1) throw Error("its learnt must be 0 or 1");
    if (learnt[item] == 0) unlearnt.push_back(static_cast<std::int32_t>(item));
  }
  return unlearnt;
}

StoredSequenceModel read_model(nn::WeightFile& file) {
  StoredSequenceModel model;
  const SequenceRow row = get_row(file, format_name, sequence_row, model);
  model.task = metadata_of(file, "task");
  if (model.task != "sessions" && model.task != "next-item")
    throw OptionError(fmt::format("there is no task {}; there are sessions and next-item",
                                  in_quotes(model.task)));
  model.protocol = get_label(file, "protocol");
  if (file.metadata.contains(settings::min_rating.name))
    model.min_rating = get_setting(file, settings::min_rating);
  if (file.metadata.contains("event-weights"))
    model.event_weights = EventWeights(metadata_of(file, "event-weights"));
  model.repeats = repeats_of(get_label(file, "repeat-items"));
  const std::string target = get_label(file, "target");
  if (target != "item" && target != "basket")
    throw OptionError(
        fmt::format("there is no target {}; there are item and basket", in_quotes(target)));
  model.target = target == "basket" ? SequenceTarget::basket : SequenceTarget::item;
  model.training.items = get_ids(file, "items");
  model.unlearnt = get_unlearnt(file, model.training.items.size());
  if (!row.is_neural()) {
    get_sessions(file, model.training);
    return model;
  }
  if (file.bytes.contains("types.text")) model.training.type_ids = get_ids(file, "types");
  model.training.item_features = get_features(file, "item_features", model.training.items.size());
  const SequenceInputs inputs = inputs_of(model.training);
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.model = row.make(model.settings, scope, inputs);
  });
  return model;
}

}  // namespace

std::unique_ptr<NextItemPredictor> make_predictor(const StoredSequenceModel& model) {
  const SequenceRow& row = sequence_row(model.name);
  std::unique_ptr<const NextItemPredictor> learnt;
  if (row.is_neural())
    learnt = std::make_unique<ModelPredictor>(*model.model, *model.parameters);
  else
    learnt = row.count(model.settings, model.training);
  return known_predictor(std::move(learnt), model.unlearnt);
}

void save_sequence_model(const std::string& path, const StoredSequenceModel& model) {
  nn::WeightFile file;
  put_row(file, format_name, sequence_row(model.name), model);
  file.metadata["task"] = model.task;
  put_label(file, "protocol", model.protocol);
  if (model.min_rating) put_setting(file, settings::min_rating, *model.min_rating);
  if (model.event_weights) file.metadata["event-weights"] = model.event_weights->text();
  put_learnt(file, model.training.items.size(), model.unlearnt);
  put_texts(file, "items", model.training.items.size(),
            [&](Index i) { return model.training.items.name(i); });
  put_label(file, "target", model.target == SequenceTarget::basket ? "basket" : "item");
  put_label(file, "repeat-items", model.repeats == Repeats::drop ? "drop" : "keep");
  if (model.parameters) {
    put_weights(file, *model.parameters);
    if (model.training.item_features)
      put_features(file, "item_features", *model.training.item_features);
    if (model.training.type_ids.size() > 0)
      put_texts(file, "types", model.training.type_ids.size(),
                [&](Index i) { return model.training.type_ids.name(i); });
  } else {
    put_list<double>(file, "sessions.times", model.training.times);
    put_list<std::int32_t>(file, "sessions.events", model.training.events);
    put_list<Index>(file, "sessions.offsets", model.training.offsets);
  }
  save_sealed(path, std::move(file));
}

StoredSequenceModel load_sequence_model(const std::string& path) {
  return load_as("sequence model of ours", path, read_model);
}

}  // namespace tapegrad::apps
