// Networks whose tables have more rows than those that they come from.
#pragma once

#include <memory>

#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/neural_model.h>

namespace tapegrad::apps {

// Copies what the parameters of two networks of one model have in common: of each the first rows
// and columns. `into` keeps the others.
void copy_common(const Parameters& from, Parameters& into);

// Adds people who are known by their features alone, behind the users of a network. `people` has
// the model's features. People whom the model knows already get the features of `people` in the
// place of their own. Nothing is trained.
void add_people(StoredModel& model, const FeatureTable& people);

}  // namespace tapegrad::apps
