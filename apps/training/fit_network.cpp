#include <tapegrad/apps/training/fit_network.h>

#include <utility>

#include <tapegrad/apps/training/pair_sources.h>
#include <tapegrad/apps/training/rating_source.h>

namespace tapegrad::apps {

std::unique_ptr<NeuralModel> fit_network(const ModelRow& row, const ModelSettings& settings,
                                         const ModelInputs& inputs, const LoopOptions& loop,
                                         Progress& progress,
                                         const std::function<void(NeuralModel&)>& begin,
                                         const std::function<Judgement(const NeuralModel&)>& judge,
                                         LoopResult* result) {
  auto parameters = std::make_unique<Parameters>(loop.seed);
  auto network = row.make(settings, parameters->root(), inputs);
  auto trained =
      std::make_unique<NeuralModel>(std::move(parameters), std::move(network), inputs.items());
  if (begin) begin(*trained);
  const UserItems& pairs = row.predicts_targets ? *inputs.targets : *inputs.pairs;
  const PairSourceOptions how = pair_options(settings, pairs, loop.seed);
  std::unique_ptr<BatchSource> source;
  if (how.loss == PairLoss::squared)
    source = std::make_unique<RatingSource>(trained->model(), *inputs.events, how);
  else
    source = make_pair_source(trained->model(), pairs, how);
  std::function<Judgement()> judge_now;
  if (judge) judge_now = [&] { return judge(*trained); };
  const LoopResult done = train(trained->parameters(), *source, loop, judge_now, progress);
  if (result != nullptr) *result = done;
  return trained;
}

FitProgress shown_on(Progress& progress) {
  return [&progress](const std::string& part, Index done, Index all) {
    progress.update_part(part, done, all);
  };
}

}  // namespace tapegrad::apps
