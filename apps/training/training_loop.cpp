#include <tapegrad/apps/training/training_loop.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/sealed_file.h>
#include <tapegrad/apps/training/interrupt.h>

namespace tapegrad::apps {
namespace {

using Clock = std::chrono::steady_clock;
using Arrays = std::map<std::string, Array>;

void put(Arrays& all, const std::string& prefix, const Arrays& part) {
  for (const auto& [name, array] : part) all.emplace(prefix + name, array);
}

Arrays under(const Arrays& all, const std::string& prefix) {
  Arrays part;
  for (const auto& [name, array] : all) {
    if (name.starts_with(prefix)) part.emplace(name.substr(prefix.size()), array);
  }
  return part;
}

Array scalar(double value) { return Array::full({}, value, Dtype::float64); }

class Loop {
 public:
  Loop(Parameters& parameters, BatchSource& source, const LoopOptions& options, const std::function<Judgement()>& judge,
       Progress& progress)
      : parameters_(parameters),
        source_(source),
        options_(options),
        judge_(judge),
        progress_(progress),
        epochs_(options.epochs > 0 ? options.epochs : options.max_epochs),
        adam_({.learning_rate = options.learning_rate, .weight_decay = options.weight_decay, .threads = options.threads}),
        rate_(optim::cosine_schedule(
            options.learning_rate,
            static_cast<std::uint64_t>(std::max(1, (options.schedule_epochs > 0 ? options.schedule_epochs : epochs_) - 1)),
            options.learning_rate * options.final_rate)),
        tape_({.threads = options.threads, .seed = options.seed}),
        saved_(Clock::now()) {
    if (options.average_decay > 0.0)
      average_.emplace(parameters, optim::AverageOptions{.decay = options.average_decay, .every = options.average_every});
  }

  LoopResult run() {
    if (!options_.checkpoint.empty()) {
      if (options_.resume && std::filesystem::exists(options_.checkpoint))
        load();
      else
        save();
    }
    if (!options_.curves.empty()) curves_.write(options_.curves);
    while (epoch_ < epochs_ && !stalled()) {
      run_epoch();
      judge_epoch();
      ++epoch_;
      batch_ = samples_ = 0;
      loss_sum_ = 0.0;
      if (!options_.curves.empty()) curves_.write(options_.curves);
      save_if_due();
    }
    if (judge_ && best_epoch_ > 0) {
      parameters_.restore(best_weights_);
    } else if (average_) {
      average_->exchange(parameters_);
    }
    require_finite();
    return {judge_ ? best_epoch_ : epoch_, best_};
  }

 private:
  bool stalled() const { return judge_ && options_.epochs == 0 && best_epoch_ > 0 && epoch_ >= best_epoch_ + options_.patience; }

  // The loss is looked at before each update, so that the last one's weights were not.
  void require_finite() const {
    for (const Parameter& parameter : parameters_) {
      if (!std::ranges::all_of(parameter.value().values<float>(), [](float number) { return std::isfinite(number); }))
        throw ValueError(
            fmt::format("the weights are not finite after {} epochs: a lower --learning-rate or --clip-norm may help", epoch_));
    }
  }

  std::string place() const { return fmt::format("{}epoch {} of {}", options_.part, epoch_ + 1, epochs_); }

  void run_epoch() {
    progress_.begin(place());
    adam_.set_learning_rate(rate_(static_cast<std::uint64_t>(epoch_)));
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
      progress_.update(samples_, source_.epoch_samples(), loss_sum_ / static_cast<double>(samples_));
      if (summed == 0) save_if_due();
    }
    if (summed > 0) update(sum, summed);
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
      throw ValueError(fmt::format("the loss is {} in {}, batch {}: a lower --learning-rate or --clip-norm may help", value,
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
    if (options_.clip_norm > 0.0) optim::clip_by_global_norm(gradients, options_.clip_norm);
    adam_.update(parameters_, gradients);
    if (average_) average_->update(parameters_);
    gradients = {};
    summed = 0;
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
    if (!options_.checkpoint.empty()) {
      const bool due = std::chrono::duration<double>(Clock::now() - saved_).count() >= options_.checkpoint_minutes * 60.0;
      if (due || interrupted) save();
    }
    if (!interrupted) return;
    progress_.end("interrupted");
    throw Interrupted(options_.checkpoint.empty()
                          ? fmt::format("interrupted in {}; nothing was saved: no --checkpoint was given", place())
                          : fmt::format("interrupted in {}; --resume goes on from {}", place(), options_.checkpoint));
  }

  void save() {
    nn::WeightFile file;
    Arrays& all = file.tensors;
    put(all, "weights/", nn::weights_of(parameters_));
    put(all, "optimizer/", adam_.state(parameters_));
    put(all, "source/", source_.state());
    const auto put_snapshot = [&](const std::string& prefix, const Parameters::Snapshot& snapshot) {
      for (std::size_t i = 0; i < snapshot.size(); ++i) all.emplace(fmt::format("{}{}", prefix, i), snapshot[i]);
    };
    if (average_) {
      put_snapshot("average/", average_->averages());
      all.emplace("loop/average_steps", scalar(static_cast<double>(average_->steps())));
      all.emplace("loop/average_steps_in", scalar(static_cast<double>(average_->steps_in())));
    }
    if (best_epoch_ > 0) put_snapshot("best/", best_weights_);
    const std::pair<const char*, double> numbers[] = {{"epoch", epoch_},
                                                      {"batch", static_cast<double>(batch_)},
                                                      {"samples", static_cast<double>(samples_)},
                                                      {"loss_sum", loss_sum_},
                                                      {"step", static_cast<double>(tape_.step())},
                                                      {"best", best_},
                                                      {"best_among_equals", best_among_equals_},
                                                      {"best_epoch", best_epoch_}};
    for (const auto& [name, value] : numbers) all.emplace(std::string("loop/") + name, scalar(value));
    for (const auto& [name, points] : curves_.curves()) {
      std::vector<double> values;
      for (const LearningCurves::Point& point : points) {
        values.push_back(point.epoch);
        values.push_back(point.value);
      }
      all.emplace("curves/" + name, Array::from(std::span<const double>(values), {static_cast<Index>(points.size()), 2}));
    }
    file.metadata = {{"format", "tapegrad checkpoint 1"}, {"run", options_.identity}};
    save_sealed(options_.checkpoint, file);
    saved_ = Clock::now();
  }

  void load() {
    const nn::WeightFile file = load_sealed(options_.checkpoint);
    const auto run = file.metadata.find("run");
    if (run == file.metadata.end() || run->second != options_.identity)
      throw DataError(fmt::format("{}: is the checkpoint of another run: {}", options_.checkpoint,
                                  run == file.metadata.end() ? "unknown" : run->second));
    try {
      restore(file.tensors);
    } catch (const DataError&) {
      throw;
    } catch (const std::exception& error) {
      throw DataError(fmt::format("{}: is damaged: {}", options_.checkpoint, error.what()));
    }
  }

  void restore(const Arrays& all) {
    const auto number = [&](const char* name) {
      const auto found = all.find(std::string("loop/") + name);
      if (found == all.end() || found->second.size() != 1)
        throw DataError(fmt::format("{}: lacks {}", options_.checkpoint, name));
      return found->second.at(0);
    };
    const auto snapshot = [&](const std::string& prefix) {
      Parameters::Snapshot arrays;
      for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto found = all.find(fmt::format("{}{}", prefix, i));
        if (found == all.end()) throw DataError(fmt::format("{}: lacks {}{}", options_.checkpoint, prefix, i));
        arrays.push_back(found->second);
      }
      return arrays;
    };
    nn::set_weights(parameters_, under(all, "weights/"));
    adam_.restore(parameters_, under(all, "optimizer/"));
    carried_ = under(all, "source/");
    epoch_ = static_cast<int>(number("epoch"));
    batch_ = static_cast<Index>(number("batch"));
    samples_ = static_cast<Index>(number("samples"));
    loss_sum_ = number("loss_sum");
    tape_.set_step(static_cast<std::uint64_t>(number("step")));
    best_ = number("best");
    best_among_equals_ = number("best_among_equals");
    best_epoch_ = static_cast<int>(number("best_epoch"));
    if (best_epoch_ > 0) best_weights_ = snapshot("best/");
    if (average_) {
      const auto steps = [&](const char* name) { return static_cast<std::uint64_t>(number(name)); };
      average_->restore(snapshot("average/"), steps("average_steps"), steps("average_steps_in"));
    }
    for (const auto& [name, points] : under(all, "curves/")) {
      for (Index i = 0; i < points.shape()[0]; ++i) curves_.add(name, static_cast<int>(points.at(2 * i)), points.at(2 * i + 1));
    }
  }

  Parameters& parameters_;
  BatchSource& source_;
  const LoopOptions& options_;
  const std::function<Judgement()>& judge_;
  Progress& progress_;
  int epochs_;
  optim::AdamW adam_;
  optim::Schedule rate_;
  std::optional<optim::ExponentialMovingAverage> average_;
  Tape tape_;
  InterruptGuard interrupt_;
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
  Arrays carried_;  // the source's state from a checkpoint
};

}  // namespace

LoopResult train(Parameters& parameters, BatchSource& source, const LoopOptions& options, const std::function<Judgement()>& judge,
                 Progress& progress) {
  if (!judge && options.epochs < 1) throw OptionError("training without validation needs a number of epochs");
  return Loop(parameters, source, options, judge, progress).run();
}

std::optional<std::string> checkpoint_identity(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const nn::WeightFile file = load_sealed(path);
  const auto run = file.metadata.find("run");
  if (run == file.metadata.end()) throw DataError(fmt::format("{}: is no checkpoint of ours", path));
  return run->second;
}

}  // namespace tapegrad::apps
