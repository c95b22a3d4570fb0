// One training of a network, on everything that it is given.
#pragma once

#include <functional>
#include <memory>

#include <tapegrad/apps/models/model_row.h>
#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// `begin` may change the first weights of the network; `judge` looks at the network after each
// epoch (train()). `result`, where given, receives what the loop says.
std::unique_ptr<NeuralModel> fit_network(
    const ModelRow& row, const ModelSettings& settings, const ModelInputs& inputs,
    const LoopOptions& loop, Progress& progress,
    const std::function<void(NeuralModel&)>& begin = nullptr,
    const std::function<Judgement(const NeuralModel&)>& judge = nullptr,
    LoopResult* result = nullptr);

// Shows on the bar what a model that is fitted at once is doing.
FitProgress shown_on(Progress& progress);

}  // namespace tapegrad::apps
