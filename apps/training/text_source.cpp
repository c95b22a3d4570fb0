#include <tapegrad/apps/training/text_source.h>

#include <algorithm>

#include <tapegrad/apps/training/carried_lanes.h>

namespace tapegrad::apps {

TextSource::TextSource(const LanguageModel& model, std::span<const std::int32_t> text, Index lanes,
                       Index steps, std::uint64_t seed)
    : model_(model), text_(text), seed_(seed) {
  const Index targets = static_cast<Index>(text.size()) - 1;
  lanes_ = std::clamp<Index>(targets / steps, 1, lanes);
  steps_ = std::min(steps, targets / lanes_);
  chunks_ = targets / lanes_ / steps_;
}

void TextSource::begin_epoch(int epoch) {
  const Index targets = static_cast<Index>(text_.size()) - 1;
  // At least one chunk is left.
  const Index most = std::min(steps_ - 1, targets - lanes_ * steps_);
  Random random(seed_, 1 + static_cast<std::uint64_t>(epoch));
  offset_ = random.below(most + 1);
  length_ = (targets - offset_) / lanes_;
  chunks_ = length_ / steps_;
  taken_ = 0;
  carried_ = {};
}

bool TextSource::next() { return taken_++ < chunks_; }

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
  return model_.loss(states, next);
}

void TextSource::restore(const std::map<std::string, Array>& state) {
  restore_carried(carried_, model_.layers(), lanes_, state);
}

}  // namespace tapegrad::apps
