// A run in two parts: one that finds out how many epochs are good, and one on everything for so
// many.
#pragma once

#include <functional>
#include <string>

#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// `choose` trains with validation, `fit_all` on everything for options.epochs of its argument. With
// options.epochs given there is no choice; without `refit` nothing after it. The parts share the
// checkpoint, one after the other, and a resumed run goes on in the part where it was. Gives the
// epochs. Throws OptionError for a checkpoint that is there and is not to be resumed.
int choose_and_refit(const LoopOptions& options, bool refit,
                     const std::function<LoopResult(const LoopOptions&)>& choose,
                     const std::function<void(const LoopOptions&)>& fit_all);

// The same training as a part of its own, which leaves no checkpoint and no curves.
inline LoopOptions run_beside(LoopOptions loop, const std::string& part) {
  loop.checkpoint.clear();
  loop.resume = false;
  loop.curves.clear();
  loop.part = part;
  return loop;
}

}  // namespace tapegrad::apps
