// The models of pictures: what the commands know of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/images/augmentation.h>
#include <tapegrad/apps/images/image_network.h>
#include <tapegrad/apps/models/registry_rows.h>

namespace tapegrad::apps {

struct ImageRow : ClassifierRow {
  std::unique_ptr<ImageNetwork> (*make)(const ModelSettings& settings, const Scope& scope,
                                        const ImageShape& shape, Index outputs) = nullptr;
};

const std::vector<ImageRow>& image_rows();
// Throws OptionError, which lists the names, for a name that no row has.
const ImageRow& image_row(const std::string& name);

// Throws OptionError for settings that do not go together.
void check_settings(const ImageRow& row, const ModelSettings& settings);

// How a network's pictures are changed while it trains.
Augmentation augmentation_of(const ModelSettings& settings);
// Whether a prediction is the mean of those of a picture and of its mirror image.
bool looks_twice(const ModelSettings& settings);

}  // namespace tapegrad::apps
