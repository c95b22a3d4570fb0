#include <tapegrad/apps/training/sequence_sources.h>

#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/session_parallel_source.h>
#include <tapegrad/apps/training/window_source.h>

namespace tapegrad::apps {

SequenceSourceOptions source_options(const ModelSettings& settings, std::uint64_t seed) {
  SequenceSourceOptions options{.loss = loss_options(settings),
                                .batch = settings.whole(sequence_options::batch),
                                .seed = seed};
  if (settings.has(sequence_options::steps))
    options.steps = settings.whole(sequence_options::steps);
  return options;
}

TargetWeights::TargetWeights(const Sessions& sessions) : sessions_(sessions) {
  double sum = 0.0, count = 0.0;
  for (Index s = 0; s < sessions.count(); ++s) {
    const History session = sessions.of(s);
    for (std::size_t place = 1; place < session.size(); ++place) {
      const double weight = sessions.weight(session, place);
      sum += weight;
      count += weight > 0.0 ? 1.0 : 0.0;
    }
  }
  if (count > 0.0) mean_ = sum / count;
}

void TargetWeights::add(NextTargets& targets, const History& session, std::size_t place) const {
  const double weight = sessions_.weight(session, place);
  targets.items.push_back(weight > 0.0 ? session.items[place] : no_next_item);
  if (!sessions_.type_weights.of.empty()) targets.weights.push_back(weight / mean_);
}

void TargetWeights::add_none(NextTargets& targets, std::size_t count) const {
  targets.items.insert(targets.items.end(), count, no_next_item);
  if (!sessions_.type_weights.of.empty()) targets.weights.insert(targets.weights.end(), count, 0.0);
}

std::vector<Index> usable_sessions(const Sessions& sessions) {
  std::vector<Index> numbers;
  for (Index s = 0; s < sessions.count(); ++s) {
    if (sessions.of(s).size() >= 2) numbers.push_back(s);
  }
  return numbers;
}

std::unique_ptr<BatchSource> make_sequence_source(const SequenceModel& model,
                                                  const Sessions& sessions,
                                                  const SequenceSourceOptions& options) {
  if (const auto* recurrent = dynamic_cast<const RecurrentNext*>(&model))
    return std::make_unique<SessionParallelSource>(*recurrent, sessions, options);
  return std::make_unique<WindowSource>(model, sessions, options);
}

}  // namespace tapegrad::apps
