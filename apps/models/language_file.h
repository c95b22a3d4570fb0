// Files of models of language.
#pragma once

#include <string>

#include <tapegrad/apps/models/language_model.h>

namespace tapegrad::apps {

// A safetensors file. Equal models give equal files.
void save_language_model(const std::string& path, const StoredLanguageModel& model);
// Throws Error for a file that is damaged, or of something else.
StoredLanguageModel load_language_model(const std::string& path);

// Whether a file says that it is a model of language; false for one that cannot be read, too.
bool is_language_file(const std::string& path);

}  // namespace tapegrad::apps
