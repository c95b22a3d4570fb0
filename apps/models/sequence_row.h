// What the commands know of a model of sequences: its row in the registry.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/models/sequence_model.h>
#include <tapegrad/apps/models/sequence_options.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct SequenceRow {
  std::string_view name;
  std::string_view summary;  // a phrase for the help
  std::vector<OptionDefault> options{};

  // A neural network is made and then trained by the loop, whose defaults are these.
  std::unique_ptr<SequenceModel> (*make)(const ModelSettings& settings, const Scope& scope,
                                         const SequenceInputs& inputs) = nullptr;
  LoopOptions loop{};
  std::vector<TunedLoopOption> tuned_loop{};

  // Any other model is counted from the sessions, which it may look at afterwards.
  std::unique_ptr<NextItemPredictor> (*count)(const ModelSettings& settings,
                                              const Sessions& training) = nullptr;
  // How many events a session needs for its items to be known.
  std::size_t shortest_session = 2;
  bool needs_times = false;  // of events
  // Whether it is shown beside a network that is trained on histories; all are beside one that is
  // trained on sessions.
  bool is_baseline_of_histories = false;

  bool is_neural() const { return make != nullptr; }
};

// What the options of a network's row say of the vectors of events, and of the loss.
SequenceModelOptions event_options(const ModelSettings& settings);
NextItemLossOptions loss_options(const ModelSettings& settings);
// The row of a network that is trained on windows, with the options that all such networks know
// besides its own.
SequenceRow window_row(std::string_view name, std::string_view summary,
                       std::vector<OptionDefault> own, decltype(SequenceRow::make) make);
// Throws OptionError unless the heads divide the width.
void require_heads(const ModelSettings& settings);

// All of them, simple ones first. Throws OptionError for an unknown name.
const std::vector<SequenceRow>& sequence_rows();
const SequenceRow& sequence_row(const std::string& name);

}  // namespace tapegrad::apps
