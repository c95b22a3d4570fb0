// Features of users and items in the files of models.
#pragma once

#include <memory>
#include <string>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

// NAME.schema says what the features are, NAME.places and NAME.values are the rows of all entities.
void put_features(nn::WeightFile& file, const std::string& name, const EntityFeatures& features);
// Of so many entities; null where the file has none of this name. Throws Error for what is missing
// or of another form.
std::shared_ptr<const EntityFeatures> get_features(const nn::WeightFile& file,
                                                   const std::string& name, Index count);

}  // namespace tapegrad::apps
