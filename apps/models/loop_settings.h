// How a network was trained, in its file: what a training of the same kind needs.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/training/training_loop.h>
#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

// The number of epochs, the rate and what else decides the weights; no checkpoints or curves.
void put_loop(nn::WeightFile& file, const LoopOptions& loop);
// Throws Error for what is missing, and OptionError for what is out of bounds.
LoopOptions get_loop(const nn::WeightFile& file);

// The names of these.
std::vector<std::string> loop_option_names();
// Sets one of these by its name as an option, such as "learning-rate". Throws OptionError for
// another name, and for what is no such number.
void set_loop_option(LoopOptions& loop, const std::string& name, const std::string& text);
std::string loop_option(const LoopOptions& loop, const std::string& name);

}  // namespace tapegrad::apps
