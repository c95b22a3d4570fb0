// A trained model of sequences and what it needs besides its weights.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/models/sequence_model.h>
#include <tapegrad/apps/models/stored_row.h>

namespace tapegrad::apps {

struct StoredSequenceModel : StoredRow {  // of sequence_row.h
  std::string task;
  std::unique_ptr<SequenceModel> model;
  Sessions training;  // items and types; the sessions too for what is counted from them
  std::vector<std::int32_t> unlearnt;            // items that are not known (unlearnt_items)
  std::string protocol;                          // SequenceSplit's that it was evaluated with
  Repeats repeats = Repeats::keep;               // whether items of the history competed there
  SequenceTarget target = SequenceTarget::item;  // what was asked for there
  std::optional<double> min_rating;              // of an event, where the training chose one
  std::optional<EventWeights> event_weights;     // of targets by type, where it weighed them
};

// The items, ascending, of which a model by this name learns nothing from these sessions, and which
// are therefore not known: those without an event; for all but popularity also those that only
// sessions of one event have.
std::vector<std::int32_t> unlearnt_items(const Sessions& training, const std::string& name);

// A predictor that never ranks by weights that were not trained: items that are not known have the
// score NaN, which ranks behind all others and is not listed.
std::unique_ptr<NextItemPredictor> known_predictor(std::unique_ptr<const NextItemPredictor> learnt,
                                                   const std::vector<std::int32_t>& unlearnt);

// Ready to score the known items; the model must outlive it.
std::unique_ptr<NextItemPredictor> make_predictor(const StoredSequenceModel& model);

// A safetensors file. Equal models give equal files.
void save_sequence_model(const std::string& path, const StoredSequenceModel& model);
// Throws Error for a file that is damaged, or of something else.
StoredSequenceModel load_sequence_model(const std::string& path);

}  // namespace tapegrad::apps
