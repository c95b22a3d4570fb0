#include <tapegrad/apps/models/sequence_follower.h>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

SequenceFollower::SequenceFollower(const StoredSequenceModel& model, Index most_sessions)
    : model_(model),
      most_sessions_(most_sessions),
      tape_({.training = false}),
      scores_(static_cast<std::size_t>(model.training.items.size())) {
  if (most_sessions < 1)
    throw OptionError(fmt::format("expected to keep at least 1 session, got {}", most_sessions));
  if (model.parameters)
    model.parameters->settle();
  else
    predictor_ = make_predictor(model);
}

SequenceFollower::Session& SequenceFollower::session_of(const std::string& name) {
  const auto found = places_.find(name);
  if (found != places_.end()) {
    sessions_.splice(sessions_.begin(), sessions_, found->second);
    return sessions_.front();
  }
  if (static_cast<Index>(sessions_.size()) == most_sessions_) {
    places_.erase(sessions_.back().name);
    sessions_.pop_back();
  }
  sessions_.push_front({.name = name, .items = {}, .times = {}, .types = {}, .trace = {}});
  places_[name] = sessions_.begin();
  return sessions_.front();
}

std::span<const float> SequenceFollower::add(const std::string& name, const Event& event) {
  Session& session = session_of(name);
  session.items.push_back(event.item);
  session.times.push_back(event.time);
  session.types.push_back(event.type);
  const History history{session.items, session.times, session.types};
  if (predictor_) {
    predictor_->score({&history, 1}, scores_);
    return scores_;
  }
  tape_.clear();
  const Tensor logits =
      model_.model->logits(model_.model->state_after(tape_, history, session.trace));
  std::ranges::copy(logits.values<float>(), scores_.begin());
  for (const std::int32_t item : model_.unlearnt)
    scores_[static_cast<std::size_t>(item)] = std::numeric_limits<float>::quiet_NaN();
  return scores_;
}

std::span<const std::int32_t> SequenceFollower::items_of(const std::string& session) const {
  const auto found = places_.find(session);
  if (found == places_.end()) return {};
  return found->second->items;
}

}  // namespace tapegrad::apps
