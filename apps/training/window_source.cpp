#include <tapegrad/apps/training/window_source.h>

#include <algorithm>

namespace tapegrad::apps {
namespace {

// So many times the windows of a batch are sorted by length together: few enough that the batches
// of an epoch remain mixed.
constexpr std::size_t windows_in_pool = 32;

}  // namespace

WindowSource::WindowSource(const SequenceModel& model, const Sessions& sessions,
                           const SequenceSourceOptions& options)
    : model_(model),
      sessions_(sessions),
      options_(options),
      sampler_(counts_of(sessions.events, sessions.items.size()), options.loss.exponent),
      weights_(sessions) {
  for (const Index s : usable_sessions(sessions))
    epoch_samples_ += static_cast<Index>(sessions.of(s).size()) - 1;
}

void WindowSource::cut_windows(Random& random) {
  windows_.clear();
  const auto longest = static_cast<std::size_t>(model_.longest());
  for (const Index s : usable_sessions(sessions_)) {
    const std::size_t count = sessions_.of(s).size() - 1;
    if (longest == 0 || count <= longest) {
      windows_.push_back({s, 0, count});
      continue;
    }
    // The first window ends somewhere within its length.
    std::size_t end = 1 + static_cast<std::size_t>(random.below(static_cast<Index>(longest)));
    for (std::size_t first = 0; first < count; first = end, end = std::min(count, end + longest))
      windows_.push_back({s, first, end - first});
  }
}

void WindowSource::sort_into_batches(Random& random) {
  random.shuffle(std::span(windows_));
  batches_.clear();
  const auto pool = static_cast<std::size_t>(options_.batch) * windows_in_pool;
  for (std::size_t first = 0; first < windows_.size(); first += pool)
    std::ranges::stable_sort(
        std::span(windows_).subspan(first, std::min(pool, windows_.size() - first)), {},
        &Window::count);
  // A loss is a mean over a batch: batches have about as many targets as one another, so that each
  // target weighs the same.
  const auto targets = static_cast<std::size_t>(options_.batch * epoch_samples_ /
                                                static_cast<Index>(windows_.size()));
  std::size_t gathered = targets;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    if (gathered >= targets) {
      batches_.push_back({i, 0});
      gathered = 0;
    }
    ++batches_.back().windows;
    gathered += windows_[i].count;
  }
  random.shuffle(std::span(batches_));
}

void WindowSource::begin_epoch(int epoch) {
  prefetch_.stop();
  random_ = Random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  cut_windows(random_);
  sort_into_batches(random_);
  taken_ = 0;
  prefetch_.start([this] { return make(); });
}

std::optional<WindowSource::Batch> WindowSource::make() {
  if (taken_ == batches_.size()) return std::nullopt;
  const Part part = batches_[taken_++];
  Batch batch;
  for (const Window& window : std::span(windows_).subspan(part.first, part.windows)) {
    const History session = sessions_.of(window.session);
    batch.histories.push_back(session.subspan(window.first, window.count));
    for (std::size_t i = 1; i <= window.count; ++i)
      weights_.add(batch.next, session, window.first + i);
  }
  const std::size_t events = batch.next.items.size();
  batch.samples = static_cast<Index>(events);
  // Filled up to a round number, so that few shapes, and so few plans, come up.
  constexpr std::size_t round = 256;
  weights_.add_none(batch.next, (events + round - 1) / round * round - events);
  const auto rows = static_cast<Index>(batch.next.items.size());
  for (Index i = negatives_of_batch(options_.loss, rows); i > 0; --i)
    batch.negatives.push_back(sampler_.draw(random_));
  return batch;
}

Tensor WindowSource::loss(Tape& tape) {
  SequenceModel::Encoded encoded = model_.encode(tape, batch_.histories);
  encoded.rows.resize(batch_.next.items.size(), encoded.rows.front());
  return model_.loss(gather_rows(encoded.states, tape.ids(encoded.rows)), batch_.next.view(),
                     options_.loss, batch_.negatives, sampler_.log_q());
}

}  // namespace tapegrad::apps
