// Weight files with a checksum of all that they hold.
#pragma once

#include <string>

#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

// nn::save_weights() with the metadata "crc32" added.
nn::FileLock save_sealed(const std::string& path, nn::WeightFile file);
// Throws as nn::load_weights() does, and DataError for a file whose checksum is not that of its contents. Files without one pass.
nn::WeightFile load_sealed(const std::string& path);

}  // namespace tapegrad::apps
