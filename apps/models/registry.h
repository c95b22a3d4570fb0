// The recommenders that there are.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

// Simple ones first.
const std::vector<ModelRow>& model_rows();

// Throws OptionError for an unknown name.
const ModelRow& model_row(const std::string& name);

// The defaults of the model's options.
ModelSettings default_settings(const ModelRow& row);

// What a model was trained with must be the same for a checkpoint to go on: its name and the values
// of all options that it knows, as parts of LoopOptions::identity.
std::string identity_of(const ModelRow& row, const ModelSettings& settings);

}  // namespace tapegrad::apps
