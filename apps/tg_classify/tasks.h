// The tasks.
#pragma once

#include "task.h"

namespace tapegrad::apps {

std::unique_ptr<TrainingTask> make_text_task();
std::unique_ptr<SavedClassifier> load_text_task(const std::string& path);

std::unique_ptr<TrainingTask> make_table_task();
std::unique_ptr<SavedClassifier> load_table_task(const std::string& path);

std::unique_ptr<TrainingTask> make_image_task();
std::unique_ptr<SavedClassifier> load_image_task(const std::string& path);

std::unique_ptr<TrainingTask> make_tree_task();
std::unique_ptr<SavedClassifier> load_tree_task(const std::string& path);

}  // namespace tapegrad::apps
