// Files of models of purchases.
#pragma once

#include <string>

#include <tapegrad/apps/models/purchase_model.h>

namespace tapegrad::apps {

// A safetensors file. Equal models give equal files.
void save_purchase_model(const std::string& path, const StoredPurchaseModel& model);
// Throws Error for a file that is damaged, or of something else.
StoredPurchaseModel load_purchase_model(const std::string& path);

// Whether a file says that it is a model of purchases; false for one that cannot be read, too.
bool is_purchase_file(const std::string& path);

}  // namespace tapegrad::apps
