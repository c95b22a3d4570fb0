#include <tapegrad/apps/training/session_parallel_source.h>

#include <tapegrad/apps/training/carried_lanes.h>

namespace tapegrad::apps {

SessionParallelSource::SessionParallelSource(const RecurrentNext& model, const Sessions& sessions,
                                             const SequenceSourceOptions& options)
    : model_(model),
      sessions_(sessions),
      options_(options),
      sampler_(counts_of(sessions.events, sessions.items.size()), options.loss.exponent),
      weights_(sessions) {
  for (const Index s : usable_sessions(sessions))
    epoch_samples_ += static_cast<Index>(sessions.of(s).size()) - 1;
}

void SessionParallelSource::begin_epoch(int epoch) {
  prefetch_.stop();
  random_ = Random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  order_ = usable_sessions(sessions_);
  random_.shuffle(std::span(order_));
  taken_ = 0;
  lanes_.assign(static_cast<std::size_t>(options_.batch), {});
  carried_ = {};
  prefetch_.start([this] { return make(); });
}

std::optional<SessionParallelSource::Batch> SessionParallelSource::make() {
  Batch batch;
  for (Index t = 0; t < options_.steps; ++t) {
    for (Lane& lane : lanes_) {
      const bool ended = lane.session < 0 || lane.place + 1 >= sessions_.of(lane.session).size();
      if (ended) {
        lane = {taken_ < order_.size() ? order_[taken_] : -1, 0};
        taken_ += lane.session >= 0 ? 1 : 0;
      }
      batch.keep.push_back(ended ? 0.0F : 1.0F);
      if (lane.session < 0) {
        batch.events.add_padding(1);
        weights_.add_none(batch.next, 1);
        continue;
      }
      const History session = sessions_.of(lane.session);
      batch.events.add(session, lane.place);
      weights_.add(batch.next, session, ++lane.place);
      ++batch.samples;
    }
  }
  if (batch.samples == 0) return std::nullopt;
  const auto rows = static_cast<Index>(batch.next.items.size());
  const Index negatives = negatives_of_batch(options_.loss, rows);
  for (Index i = 0; i < negatives; ++i) batch.negatives.push_back(sampler_.draw(random_));
  return batch;
}

Tensor SessionParallelSource::loss(Tape& tape) {
  auto [states, after] = model_.run(tape, batch_.events, batch_.keep, options_.batch,
                                    carried_.begin(tape, model_.layers(), options_.batch));
  carried_.keep(after);
  return model_.loss(states, batch_.next.view(), options_.loss, batch_.negatives, sampler_.log_q());
}

void SessionParallelSource::restore(const std::map<std::string, Array>& state) {
  restore_carried(carried_, model_.layers(), options_.batch, state);
}

}  // namespace tapegrad::apps
