// The recommenders that there are.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/models/model_row.h>
#include <tapegrad/apps/models/registry_rows.h>

namespace tapegrad::apps {

// Simple ones first.
const std::vector<ModelRow>& model_rows();

// Throws OptionError for an unknown name.
const ModelRow& model_row(const std::string& name);

}  // namespace tapegrad::apps
