// A trained model of sequences and what it needs besides its weights.
#pragma once

#include <memory>
#include <string>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/models/sequence_model.h>

namespace tapegrad::apps {

struct StoredSequenceModel {
  std::string name;           // "popularity", "association-rules", "sequential-rules" or one of sequence_model_names()
  SequenceSettings settings;  // of a neural model
  std::uint64_t seed = 0;
  std::string task, fingerprint;           // of the data that it was trained on
  std::unique_ptr<Parameters> parameters;  // of a neural model
  std::unique_ptr<SequenceModel> model;
  Sessions training;  // items; the sessions too for what is counted from them
};

// Throws OptionError for an unknown name.
void check_sequence_model_name(const std::string& name);
// Ready to score; the model must outlive it.
std::unique_ptr<NextItemPredictor> make_predictor(const StoredSequenceModel& model);

// A safetensors file. Equal models give equal files.
void save_sequence_model(const std::string& path, const StoredSequenceModel& model);
// Throws Error for a file that is damaged, or of something else.
StoredSequenceModel load_sequence_model(const std::string& path);

}  // namespace tapegrad::apps
