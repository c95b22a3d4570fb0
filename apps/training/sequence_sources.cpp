#include <tapegrad/apps/training/sequence_sources.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr Index nothing = -100;  // the next item where there is none: what losses leave out

// Sessions that can be learned from, in their order.
std::vector<Index> usable(const Sessions& sessions) {
  std::vector<Index> numbers;
  for (Index s = 0; s < sessions.count(); ++s) {
    if (sessions.of(s).size() >= 2) numbers.push_back(s);
  }
  return numbers;
}

}  // namespace

SequenceSourceOptions source_options(const ModelSettings& settings, std::uint64_t seed) {
  namespace names = sequence_options;
  SequenceSourceOptions options{.seed = seed};
  if (settings.has(names::loss) && settings.text(names::loss) == "bpr-max")
    options.loss = SequenceLoss::bpr_max;
  if (settings.has(names::batch)) options.batch = settings.whole(names::batch);
  if (settings.has(names::steps)) options.steps = settings.whole(names::steps);
  if (settings.has(names::negatives)) options.negatives = settings.whole(names::negatives);
  if (settings.has(names::regularisation))
    options.regularisation = settings.number(names::regularisation);
  return options;
}

SessionParallelSource::SessionParallelSource(const RecurrentNext& model, const Sessions& sessions,
                                             const SequenceSourceOptions& options)
    : model_(model), sessions_(sessions), options_(options) {
  std::vector<double> counts(static_cast<std::size_t>(sessions.items.size()), 0.0);
  for (const std::int32_t item : sessions.events) counts[static_cast<std::size_t>(item)] += 1.0;
  for (double& count : counts) count = std::pow(count, 0.75);
  popularity_.resize(counts.size());
  std::partial_sum(counts.begin(), counts.end(), popularity_.begin());
  for (const Index s : usable(sessions))
    epoch_samples_ += static_cast<Index>(sessions.of(s).size()) - 1;
}

void SessionParallelSource::begin_epoch(int epoch) {
  prefetch_.stop();
  random_ = Random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  order_ = usable(sessions_);
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
        batch.items.push_back(0);
        batch.next.push_back(nothing);
        continue;
      }
      const auto events = sessions_.of(lane.session);
      batch.items.push_back(events[lane.place]);
      batch.next.push_back(events[++lane.place]);
      ++batch.samples;
    }
  }
  if (batch.samples == 0) return std::nullopt;
  for (Index i = 0; options_.loss == SequenceLoss::bpr_max && i < options_.negatives; ++i) {
    const double at = random_.uniform(0.0, popularity_.back());
    const auto item = std::ranges::upper_bound(popularity_, at) - popularity_.begin();
    batch.negatives.push_back(std::min<Index>(item, static_cast<Index>(popularity_.size()) - 1));
  }
  return batch;
}

Tensor SessionParallelSource::loss(Tape& tape) {
  auto [states, after] = model_.run(tape, batch_.items, batch_.keep, options_.batch,
                                    carried_.begin(tape, model_.layers(), options_.batch));
  carried_.keep(after);
  if (options_.loss == SequenceLoss::softmax) return model_.softmax_loss(states, batch_.next);
  std::vector<Index> rows, next;
  for (std::size_t i = 0; i < batch_.next.size(); ++i) {
    if (batch_.next[i] == nothing) continue;
    rows.push_back(static_cast<Index>(i));
    next.push_back(batch_.next[i]);
  }
  const bool all = rows.size() == batch_.next.size();
  return model_.bpr_max_loss(all ? states : gather_rows(states, tape.ids(rows)), next,
                             batch_.negatives, options_.regularisation);
}

void SessionParallelSource::restore(const std::map<std::string, Array>& state) {
  Tape tape(TapeOptions{.threads = 1});
  std::size_t known = 0;
  const nn::RecurrentState expected = model_.layers().initial_state(tape, options_.batch);
  for (std::size_t cell = 0; cell < expected.size(); ++cell) {
    for (std::size_t i = 0; i < expected[cell].size(); ++i, ++known) {
      const auto found = state.find(fmt::format("{}.{}", cell, i));
      if (found == state.end()) throw DataError(fmt::format("it lacks source/{}.{}", cell, i));
      const Tensor& own = expected[cell][i];
      if (found->second.shape() != own.shape() || found->second.dtype() != own.dtype())
        throw DataError(fmt::format("source/{}.{} is {} of shape {}, expected {} of {}", cell, i,
                                    name_of(found->second.dtype()),
                                    found->second.shape().to_string(), name_of(own.dtype()),
                                    own.shape().to_string()));
    }
  }
  if (state.size() != known)
    throw DataError(fmt::format("its source/ are {} arrays, expected {}", state.size(), known));
  carried_.restore(state);
}

WholeSessionSource::WholeSessionSource(const SasRec& model, const Sessions& sessions,
                                       const SequenceSourceOptions& options)
    : model_(model), sessions_(sessions), options_(options) {
  if (options.loss != SequenceLoss::softmax)
    throw OptionError("sasrec trains with the softmax loss");
  for (const Index s : usable(sessions)) {
    const auto events = sessions.of(s);
    epoch_samples_ += static_cast<Index>(model.last_part(events.first(events.size() - 1)).size());
  }
}

void WholeSessionSource::begin_epoch(int epoch) {
  prefetch_.stop();
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  order_ = usable(sessions_);
  random.shuffle(std::span(order_));
  taken_ = 0;
  prefetch_.start([this] { return make(); });
}

std::optional<WholeSessionSource::Batch> WholeSessionSource::make() {
  const std::size_t count =
      std::min(static_cast<std::size_t>(options_.batch), order_.size() - taken_);
  if (count == 0) return std::nullopt;
  const auto sessions = std::span(order_).subspan(taken_, count);
  taken_ += count;
  std::vector<History> histories;
  for (const Index s : sessions) {
    const auto events = sessions_.of(s);
    histories.push_back(events.first(events.size() - 1));
  }
  Batch batch{.histories = model_.pad(histories), .rows = {}, .next = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const auto part = model_.last_part(histories[i]);
    const auto events = sessions_.of(sessions[i]);
    for (std::size_t k = 0; k < part.size(); ++k) {
      batch.rows.push_back(static_cast<Index>(i + 1) * batch.histories.length -
                           static_cast<Index>(part.size() - k));
      batch.next.push_back(events[events.size() - part.size() + k]);
    }
  }
  batch.samples = static_cast<Index>(batch.rows.size());
  // Filled up to a round number, so that few shapes, and so few plans, come up.
  constexpr std::size_t round = 256;
  const std::size_t filled = (batch.rows.size() + round - 1) / round * round;
  batch.rows.resize(filled, batch.rows[0]);
  batch.next.resize(filled, nothing);
  return batch;
}

Tensor WholeSessionSource::loss(Tape& tape) {
  const Tensor states = model_.run(tape, batch_.histories);
  return model_.softmax_loss(gather_rows(states, tape.ids(batch_.rows)), batch_.next);
}

std::unique_ptr<BatchSource> make_sequence_source(const SequenceModel& model,
                                                  const Sessions& sessions,
                                                  const SequenceSourceOptions& options) {
  if (const auto* recurrent = dynamic_cast<const RecurrentNext*>(&model))
    return std::make_unique<SessionParallelSource>(*recurrent, sessions, options);
  return std::make_unique<WholeSessionSource>(dynamic_cast<const SasRec&>(model), sessions,
                                              options);
}

}  // namespace tapegrad::apps
