#include <tapegrad/apps/training/fit_linear_model.h>

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {

void fit_linear_model(StoredClassifier& model, const LinearModelFit& how,
                      std::span<const Labels> truth, std::span<const Index> some, double precision,
                      std::uint64_t seed, Progress& progress) {
  std::vector<std::string> tried{model.settings.text(how.option)};
  if (model.settings.is_auto(how.option)) tried.assign(how.grid.begin(), how.grid.end());
  // Where nothing is chosen, there may be too little to calibrate on.
  if (tried.size() > 1 || can_validate(some)) {
    const TrainingParts parts = training_parts(truth, some, seed);
    const SparseExamples rows = how.learn(parts.training);
    std::optional<Judgement> best;
    for (const std::string& text : tried) {
      ModelSettings own = model.settings;
      own.set(how.option, text);
      how.linear().fit(rows, truth, parts.training, own.number(how.option));
      std::vector<double> outputs;
      for (const Index i : parts.validation) {
        const std::vector<double> one = how.linear().outputs(rows.row(i));
        outputs.insert(outputs.end(), one.begin(), one.end());
      }
      StoredClassifier candidate;  // for its temperatures, without which log losses do not compare
      candidate.targets = model.targets;
      calibrate(candidate, outputs, truth, parts.validation, precision);
      const Judgement judgement = judge_outputs(candidate, outputs, truth, parts.validation);
      progress.begin(fmt::format("{} {}", how.option.name, text));
      progress.end("validation " + judgement.text);
      if (best && std::pair(judgement.value, judgement.among_equals) <=
                      std::pair(best->value, best->among_equals))
        continue;
      best = judgement;
      model.settings = own;
      model.targets = candidate.targets;
    }
  }
  const SparseExamples rows = how.learn(some);
  how.linear().fit(rows, truth, some, model.settings.number(how.option));
}

}  // namespace tapegrad::apps
