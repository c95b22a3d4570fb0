#include <tapegrad/apps/training/training_loop.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/checkpoint.h>
#include <tapegrad/apps/training/interrupt.h>

namespace tapegrad::apps {
namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<optim::Optimizer> make_optimizer(const LoopOptions& options) {
  check_optimizer(options.optimizer);
  if (options.optimizer == "sgd")
    return std::make_unique<optim::Sgd>(optim::SgdOptions{.learning_rate = options.learning_rate,
                                                          .momentum = options.momentum,
                                                          .weight_decay = options.weight_decay,
                                                          .threads = options.threads});
  return std::make_unique<optim::AdamW>(optim::AdamOptions{.learning_rate = options.learning_rate,
                                                           .weight_decay = options.weight_decay,
                                                           .threads = options.threads});
}

class Loop {
 public:
  Loop(Parameters& parameters, BatchSource& source, const LoopOptions& options,
       const std::function<Judgement()>& judge, Progress& progress)
      : parameters_(parameters),
        source_(source),
        options_(options),
        judge_(judge),
        progress_(progress),
        epochs_(options.epochs > 0 ? options.epochs : options.max_epochs),
        optimizer_(make_optimizer(options)),
        rate_(optim::cosine_schedule(
            options.learning_rate,
            static_cast<std::uint64_t>(
                std::max(1, (options.schedule_epochs > 0 ? options.schedule_epochs : epochs_) - 1)),
            options.learning_rate * options.final_rate)),
        tape_({.threads = options.threads, .seed = options.seed}),
        saved_(Clock::now()) {
    if (options.average_decay > 0.0)
      average_.emplace(parameters, optim::AverageOptions{.decay = options.average_decay,
                                                         .every = options.average_every});
  }

  LoopResult run() {
    if (!options_.checkpoint.empty()) {
      lock_ = nn::FileLock(options_.checkpoint);
      if (options_.resume && std::filesystem::exists(options_.checkpoint))
        load();
      else
        save();
    }
    write_curves();
    while (epoch_ < epochs_ && !stalled()) {
      run_epoch();
      judge_epoch();
      ++epoch_;
      batch_ = samples_ = 0;
      loss_sum_ = 0.0;
      write_curves();
      save_if_due();
    }
    // A run of more epochs goes on from here.
    if (!options_.checkpoint.empty()) save();
    if (judge_ && best_epoch_ > 0) {
      parameters_.restore(best_weights_);
    } else if (average_) {
      average_->exchange(parameters_);
    }
    require_finite();
    return {judge_ ? best_epoch_ : epoch_, best_};
  }

 private:
  bool stalled() const {
    return judge_ && options_.epochs == 0 && best_epoch_ > 0 &&
           epoch_ >= best_epoch_ + options_.patience;
  }

  // The loss is looked at before each update, so that the last one's weights were not.
  void require_finite() const {
    for (const Parameter& parameter : parameters_) {
      if (!std::ranges::all_of(parameter.value().values<float>(),
                               [](float number) { return std::isfinite(number); }))
        throw ValueError(
            fmt::format("the weights are not finite after {} epochs: a lower --learning-rate or "
                        "--clip-norm may help",
                        epoch_));
    }
  }

  std::string place() const {
    return fmt::format("{}epoch {} of {}", options_.part, epoch_ + 1, epochs_);
  }

  void run_epoch() {
    progress_.begin(place());
    optimizer_->set_learning_rate(rate_(static_cast<std::uint64_t>(epoch_)));
    source_.begin_epoch(epoch_);
    // What an interrupted run had done already.
    for (Index i = 0; i < batch_; ++i) {
      if (!source_.next()) throw DataError("the checkpoint is of an epoch with more batches");
    }
    if (batch_ > 0) source_.restore(carried_);
    carried_.clear();
    Gradients sum;
    int summed = 0;
    while (source_.next()) {
      step(sum, summed);
      ++batch_;
      progress_.update(samples_, source_.epoch_samples(),
                       loss_sum_ / static_cast<double>(samples_));
      if (summed == 0) save_if_due();
    }
    if (summed > 0) update(sum, summed);
    if (options_.gradient_norms) look_at_steps();
    const double loss = loss_sum_ / static_cast<double>(std::max<Index>(1, samples_));
    curves_.add("loss", epoch_ + 1, loss);
    text_ = fmt::format("loss {:.4f}", loss);
  }

  void step(Gradients& sum, int& summed) {
    tape_.clear();
    const Tensor loss = source_.loss(tape_);
    Gradients gradients = backward(loss);
    const double value = loss.item();
    if (!std::isfinite(value)) {
      throw ValueError(fmt::format(
          "the loss is {} in {}, batch {}: a lower --learning-rate or --clip-norm may help", value,
          place(), batch_ + 1));
    }
    source_.computed();
    loss_sum_ += value * static_cast<double>(source_.samples());
    samples_ += source_.samples();
    if (summed == 0 && options_.accumulate <= 1) {
      update(gradients, summed = 1);
      return;
    }
    sum += gradients;
    if (++summed == options_.accumulate) update(sum, summed);
  }

  // An update with the mean of the gradients that were added up.
  void update(Gradients& gradients, int& summed) {
    if (summed > 1) gradients.scale(1.0 / summed);
    if (options_.gradient_norms) look_at(gradients);
    if (options_.clip_norm > 0.0) optim::clip_by_global_norm(gradients, options_.clip_norm);
    optimizer_->update(parameters_, gradients);
    if (options_.l1 > 0.0)
      optim::soft_threshold(parameters_, optimizer_->learning_rate() * options_.l1);
    if (average_) average_->update(parameters_);
    gradients = {};
    summed = 0;
  }

  // By the last batch of an epoch, at distances from the end that double.
  void look_at_steps() {
    Tape tape({.threads = options_.threads, .training = false});
    const std::vector<double> steps = source_.gradients_by_step(tape);
    for (std::size_t back = 1; back <= steps.size(); back *= 2)
      curves_.add(fmt::format("gradient of step {} from the end", back), epoch_ + 1,
                  steps[back - 1]);
  }

  // What the last update of an epoch had stays.
  void look_at(const Gradients& gradients) {
    for (const GradientEntry& entry : gradients)
      curves_.add("gradient norm of " + entry.parameter->name(), epoch_ + 1,
                  gradients.norm(*entry.parameter));
  }

  void judge_epoch() {
    if (judge_) {
      if (average_) average_->exchange(parameters_);
      const Judgement now = judge_();
      curves_.add("validation", epoch_ + 1, now.value);
      text_ += fmt::format(", validation {}", now.text);
      const bool equal = now.value == best_ && now.among_equals > best_among_equals_;
      if (best_epoch_ == 0 || now.value > best_ + options_.tolerance || equal) {
        best_ = now.value;
        best_among_equals_ = now.among_equals;
        best_epoch_ = epoch_ + 1;
        best_weights_ = parameters_.snapshot();
      }
      if (average_) average_->exchange(parameters_);
    }
    progress_.end(text_);
  }

  void save_if_due() {
    const bool interrupted = interrupt_.came();
    bool is_saved = false;
    if (!options_.checkpoint.empty()) {
      const bool due = std::chrono::duration<double>(Clock::now() - saved_).count() >=
                       options_.checkpoint_minutes * 60.0;
      if (due || interrupted) is_saved = save();
    }
    if (!interrupted) return;
    progress_.end("interrupted");
    if (is_saved)
      throw Interrupted(
          fmt::format("interrupted in {}; --resume goes on from {}", place(), options_.checkpoint));
    throw Interrupted(
        fmt::format("interrupted in {}; nothing was saved: {}", place(),
                    options_.checkpoint.empty()
                        ? "no --checkpoint was given"
                        : options_.checkpoint + " cannot be written, and is as it was"));
  }

  // Losing what was trained would be worse than a file that is missing or old.
  void warn(const std::exception& error) {
    progress_.warn(fmt::format("{}; the training goes on", error.what()));
  }

  void write_curves() {
    if (options_.curves.empty()) return;
    try {
      curves_.write(options_.curves);
    } catch (const Error& error) {
      warn(error);
    }
  }

  // Whether it could.
  bool save() {
    saved_ = Clock::now();
    Checkpoint now{.run = options_.identity,
                   .epoch = epoch_,
                   .batch = batch_,
                   .samples = samples_,
                   .loss_sum = loss_sum_,
                   .step = static_cast<Index>(tape_.step()),
                   .best = best_,
                   .best_among_equals = best_among_equals_,
                   .best_epoch = best_epoch_,
                   .weights = nn::weights_of(parameters_),
                   .optimizer = optimizer_->state(parameters_),
                   .source = source_.state(),
                   .average = {},
                   .best_weights = best_weights_,
                   .curves = curves_};
    if (average_) {
      now.average_steps = static_cast<Index>(average_->steps());
      now.average_steps_in = static_cast<Index>(average_->steps_in());
      now.average = average_->averages();
    }
    try {
      lock_ = save_checkpoint(options_.checkpoint, std::move(now));
      return true;
    } catch (const Error& error) {
      warn(error);
      return false;
    }
  }

  void load() {
    Checkpoint kept =
        load_checkpoint(options_.checkpoint, options_.identity, parameters_, options_.goes_on_from);
    try {
      restore(kept);
    } catch (const std::exception& error) {
      throw DataError(fmt::format("{}: is damaged: {}", options_.checkpoint, error.what()));
    }
  }

  void restore(Checkpoint& kept) {
    if (average_ && kept.average.empty()) throw DataError("it lacks average/0");
    nn::set_weights(parameters_, kept.weights);
    optimizer_->restore(parameters_, kept.optimizer);
    if (!kept.source.empty())
      source_.restore(kept.source);  // checks it, even where a new epoch begins without it
    if (average_) {
      average_->restore(std::move(kept.average), static_cast<std::uint64_t>(kept.average_steps),
                        static_cast<std::uint64_t>(kept.average_steps_in));
    }
    epoch_ = kept.epoch;
    batch_ = kept.batch;
    samples_ = kept.samples;
    loss_sum_ = kept.loss_sum;
    tape_.set_step(static_cast<std::uint64_t>(kept.step));
    best_ = kept.best;
    best_among_equals_ = kept.best_among_equals;
    best_epoch_ = kept.best_epoch;
    best_weights_ = std::move(kept.best_weights);
    carried_ = std::move(kept.source);
    curves_ = std::move(kept.curves);
  }

  Parameters& parameters_;
  BatchSource& source_;
  const LoopOptions& options_;
  const std::function<Judgement()>& judge_;
  Progress& progress_;
  int epochs_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  optim::Schedule rate_;
  std::optional<optim::ExponentialMovingAverage> average_;
  Tape tape_;
  InterruptGuard interrupt_;
  nn::FileLock lock_;  // on the checkpoint
  Clock::time_point saved_;
  LearningCurves curves_;
  std::string text_;

  // Where the run is.
  int epoch_ = 0;
  Index batch_ = 0, samples_ = 0;  // of the epoch, done
  double loss_sum_ = 0.0;
  double best_ = 0.0, best_among_equals_ = 0.0;
  int best_epoch_ = 0;
  Parameters::Snapshot best_weights_;
  std::map<std::string, Array> carried_;  // the source's state from a checkpoint
};

}  // namespace

void check_optimizer(const std::string& name) {
  if (std::ranges::find(optimizer_names, name) == optimizer_names.end())
    throw OptionError(fmt::format("the optimizer must be one of {}, got {}",
                                  fmt::join(optimizer_names, ", "), in_quotes(name)));
}

LoopResult train(Parameters& parameters, BatchSource& source, const LoopOptions& options,
                 const std::function<Judgement()>& judge, Progress& progress) {
  if (!judge && options.epochs < 1)
    throw OptionError("training without validation needs a number of epochs");
  return Loop(parameters, source, options, judge, progress).run();
}

}  // namespace tapegrad::apps
