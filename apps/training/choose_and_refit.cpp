#include <tapegrad/apps/training/choose_and_refit.h>

#include <filesystem>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/settings.h>
#include <tapegrad/apps/training/checkpoint.h>

namespace tapegrad::apps {

int choose_and_refit(const LoopOptions& options, bool refit,
                     const std::function<LoopResult(const LoopOptions&)>& choose,
                     const std::function<void(const LoopOptions&)>& fit_all) {
  int epochs = options.epochs;
  LoopOptions loop = options;
  if (!options.checkpoint.empty() && !options.resume && std::filesystem::exists(options.checkpoint))
    throw OptionError(fmt::format(
        "{}: the checkpoint is there already: expected --resume to go on from it, or another file",
        options.checkpoint));
  // A run that was interrupted while it trained on everything has chosen before.
  const std::string everything = options.identity + ", on everything, epochs ";
  if (options.resume && !options.checkpoint.empty()) {
    const auto interrupted = checkpoint_identity(options.checkpoint);
    if (interrupted && interrupted->starts_with(everything)) {
      const int there = settings::epochs.parse(interrupted->substr(everything.size()));
      if (epochs == 0) epochs = there;
      if (there > epochs)
        throw OptionError(
            fmt::format("{}: is the checkpoint of a run of {} epochs: --epochs can be raised, not "
                        "lowered, got {}",
                        options.checkpoint, there, epochs));
      loop.goes_on_from = *interrupted;
    }
  }
  if (epochs == 0) {
    loop.part = "choosing, ";
    loop.identity = options.identity + ", choosing";
    epochs = choose(loop).epochs;
    if (!refit) return epochs;
    loop.resume = false;  // the checkpoint is the first part's
  }
  if (options.epochs == 0) loop.schedule_epochs = options.max_epochs;  // as where they were chosen
  loop.part.clear();
  loop.epochs = epochs;
  loop.identity = everything + std::to_string(epochs);
  if (!loop.curves.empty() && options.epochs == 0) loop.curves += "-all";
  fit_all(loop);
  return epochs;
}

}  // namespace tapegrad::apps
