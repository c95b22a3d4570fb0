#include <tapegrad/apps/training/softmax_trainer.h>

#include <algorithm>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

SoftmaxTrainer::SoftmaxTrainer(const InteractionModel& model, Parameters& parameters, const UserItems& pairs,
                               const TrainingOptions& options)
    : model_(model),
      parameters_(parameters),
      pairs_(pairs),
      options_(options),
      adam_({.learning_rate = options.learning_rate, .weight_decay = options.weight_decay, .threads = options.threads}),
      tape_({.threads = options.threads, .seed = options.seed}) {
  const std::int32_t first = 0;
  if (!model.all_logits(tape_, {&first, 1}))
    throw OptionError("the softmax loss needs a model that scores all items at once: mf");
  for (Index user = 0; user < pairs.user_count(); ++user) {
    if (!pairs.of(user).empty()) order_.push_back(static_cast<std::int32_t>(user));
  }
}

double SoftmaxTrainer::step(std::span<const std::int32_t> users) {
  const Index items = pairs_.item_count();
  const Shape shape{static_cast<Index>(users.size()), items};
  if (targets_.shape() != shape) targets_ = Array(shape);
  const auto targets = targets_.values<float>();
  std::ranges::fill(targets, 0.0F);
  Index count = 0;
  for (std::size_t i = 0; i < users.size(); ++i) {
    for (const std::int32_t item : pairs_.of(users[i]))
      targets[i * static_cast<std::size_t>(items) + static_cast<std::size_t>(item)] = 1.0F;
    count += static_cast<Index>(pairs_.of(users[i]).size());
  }
  tape_.clear();
  const Tensor likelihood = log_softmax(model_.all_logits(tape_, users));
  const Tensor loss = sum(likelihood * tape_.borrow(targets_)) * (-1.0 / static_cast<double>(count));
  adam_.update(parameters_, backward(loss));
  return loss.item();
}

double SoftmaxTrainer::run(int epoch, int epochs, const ProgressReport& report) {
  adam_.set_learning_rate(scheduled_rate(options_, epoch, epochs));
  Random random(options_.seed, 1 + static_cast<std::uint64_t>(epoch));
  std::ranges::sort(order_);
  random.shuffle(std::span(order_));
  // About fifty steps an epoch where nothing is said, so that few users do not mean few steps.
  const auto own = std::clamp<std::size_t>(order_.size() / 47, 16, 128);
  const std::size_t batch = options_.batch > 0 ? static_cast<std::size_t>(options_.batch) : own;
  double total = 0.0;
  std::size_t done = 0;
  for (std::size_t at = 0; at < order_.size(); at += batch) {
    const auto users = std::span(order_).subspan(at, std::min(batch, order_.size() - at));
    total += step(users) * static_cast<double>(users.size());
    done += users.size();
    report(static_cast<Index>(done), static_cast<Index>(order_.size()), total / static_cast<double>(done));
  }
  return total / static_cast<double>(std::max<std::size_t>(1, done));
}

}  // namespace tapegrad::apps
