#include <tapegrad/apps/training/text_source.h>

#include <algorithm>

#include <tapegrad/apps/training/carried_lanes.h>

namespace tapegrad::apps {

TextSource::TextSource(const LanguageModel& model, std::span<const std::int32_t> text,
                       const TextSourceOptions& options)
    : model_(model), text_(text), loss_(options.loss), seed_(options.seed) {
  const Index targets = static_cast<Index>(text.size()) - 1;
  lanes_ = std::clamp<Index>(targets / options.steps, 1, options.lanes);
  steps_ = std::min(options.steps, targets / lanes_);
  chunks_ = targets / lanes_ / steps_;
  if (loss_.loss == NextItemLoss::sampled_softmax)
    sampler_.emplace(counts_of(text, model.vocabulary()), loss_.exponent);
}

void TextSource::begin_epoch(int epoch) {
  const Index targets = static_cast<Index>(text_.size()) - 1;
  // At least one chunk is left.
  const Index most = std::min(steps_ - 1, targets - lanes_ * steps_);
  random_ = Random(seed_, 1 + static_cast<std::uint64_t>(epoch));
  offset_ = random_.below(most + 1);
  length_ = (targets - offset_) / lanes_;
  chunks_ = length_ / steps_;
  taken_ = 0;
  carried_ = {};
}

bool TextSource::next() {
  if (taken_ == chunks_) return false;
  ++taken_;
  negatives_.clear();
  const Index negatives = negatives_of_batch(loss_, samples());
  for (Index i = 0; i < negatives; ++i) negatives_.push_back(sampler_->draw(random_));
  return true;
}

Tensor TextSource::loss(Tape& tape) {
  std::vector<Index> ids, next;
  for (Index t = 0; t < steps_; ++t) {
    for (Index lane = 0; lane < lanes_; ++lane) {
      const auto at =
          static_cast<std::size_t>(offset_ + lane * length_ + (taken_ - 1) * steps_ + t);
      ids.push_back(text_[at]);
      next.push_back(text_[at + 1]);
    }
  }
  const auto [states, after] =
      model_.run(tape, ids, lanes_, carried_.begin(tape, model_.layers(), lanes_));
  carried_.keep(after);
  return sampler_ ? model_.sampled_loss(states, next, negatives_, sampler_->log_q())
                  : model_.loss(states, next);
}

void TextSource::restore(const std::map<std::string, Array>& state) {
  restore_carried(carried_, model_.layers(), lanes_, state);
}

}  // namespace tapegrad::apps
