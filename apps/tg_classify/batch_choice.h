// train --batch auto: a size of batches that weighs validation loss against throughput.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "task.h"
#include "training_options.h"

namespace tapegrad::apps {

struct TriedBatch {
  Index batch = 0;
  int epochs = 0;
  double seconds = 0.0;
  double examples_per_second = 0.0;  // validation included
  double loss = 0.0;                 // of the validation part, after these epochs
};

// Trains with each of the sizes for the same time, that of one epoch with the smallest, at a
// constant rate: large batches see more examples in it, and small ones make more updates. At most
// 10,000 of the examples `some` are looked at. Sizes of more than a quarter of them are left out.
// What is found depends on the machine.
std::vector<TriedBatch> try_batches(const TrainingTask& task, const std::string& name,
                                    const ClassifierFitOptions& options,
                                    std::span<const Index> some, Progress& progress);
// The size with the least loss.
Index best_batch(std::span<const TriedBatch> tried);

std::string batches_text(std::span<const TriedBatch> tried);
nlohmann::json batches_json(std::span<const TriedBatch> tried);

}  // namespace tapegrad::apps
