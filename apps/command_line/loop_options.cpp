#include <tapegrad/apps/command_line/loop_options.h>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_run_options(po::options_description& description) {
  description.add_options()("quiet", "only errors and warnings on stderr")(
      "seed", po::value<std::int64_t>()->default_value(1),
      "the seed of all random numbers: first weights, dropout, sampled items and order; 0 or more")(
      "threads", po::value<int>()->default_value(2),
      "how many threads compute; results do not depend on it");
}

po::options_description loop_options_description() {
  po::options_description training("Training; what is not given is the model's default");
  training.add_options()("epochs", po::value<int>(),
                         "how many epochs to train for; without it, their number is chosen on a "
                         "validation part. A resumed run "
                         "may have more than before")("max-epochs", po::value<int>(),
                                                      "the most epochs that can be chosen")(
      "patience", po::value<int>(),
      "how many epochs in a row may pass without a better one before the choice ends")(
      "tolerance", po::value<double>(),
      "by how much an epoch must beat the best one to count as better: 0")(
      "learning-rate", po::value<double>(), "the rate of AdamW in the first epoch")(
      "final-rate", po::value<double>(), "the last epoch's rate, as a fraction of the first's: 1")(
      "weight-decay", po::value<double>(), "decoupled weight decay")(
      "clip-norm", po::value<double>(),
      "scale all gradients down to this norm if theirs is larger; 0: never")(
      "average-decay", po::value<double>(),
      "decay of the moving average of the weights, a step; 0: no average")(
      "accumulate", po::value<int>(), "how many batches make one update: 1")(
      "checkpoint", po::value<std::string>(),
      "a file to save the run's state to: now and then, on an interruption and at the end")(
      "checkpoint-minutes", po::value<double>(), "minutes between two savings: 5")(
      "resume", "go on from the checkpoint, if there is one")(
      "curves", po::value<std::string>(),
      "write the losses to NAME.csv, NAME.svg and NAME.tfevents");
  return training;
}

std::uint64_t seed_of(const po::variables_map& given) {
  return static_cast<std::uint64_t>(
      bounded(given, settings::seed.name, settings::seed.least, settings::seed.greatest));
}

LoopOptions loop_options(const po::variables_map& given, LoopOptions standard) {
  LoopOptions loop = std::move(standard);
  loop.seed = seed_of(given);
  loop.threads = bounded(given, "threads", 1, 1024);
  set_bounded(loop.epochs, given, settings::epochs);
  set_bounded(loop.max_epochs, given, "max-epochs", 1, 100000);
  set_bounded(loop.patience, given, "patience", 1, 100000);
  set_bounded(loop.tolerance, given, "tolerance", 0.0, 1.0);
  set_bounded(loop.learning_rate, given, settings::learning_rate);
  set_bounded(loop.final_rate, given, settings::final_rate);
  set_bounded(loop.weight_decay, given, settings::weight_decay);
  set_bounded(loop.clip_norm, given, settings::clip_norm);
  set_bounded(loop.average_decay, given, settings::average_decay);
  set_bounded(loop.accumulate, given, settings::accumulate);
  set_bounded(loop.checkpoint_minutes, given, "checkpoint-minutes", 0.0, 1e6);
  loop.resume = given.contains("resume");
  if (given.contains("checkpoint")) loop.checkpoint = given["checkpoint"].as<std::string>();
  if (given.contains("curves")) loop.curves = given["curves"].as<std::string>();
  if (loop.resume && loop.checkpoint.empty()) throw OptionError("--resume needs --checkpoint");
  if (loop.checkpoint.empty()) refuse_given(given, {"checkpoint-minutes"}, "without --checkpoint");
  if (loop.epochs > 0)
    refuse_given(given, {"max-epochs", "patience", "tolerance"},
                 "with --epochs, which are not chosen then");
  return loop;
}

std::vector<std::string> outputs_of(const LoopOptions& loop) {
  std::vector<std::string> all;
  if (!loop.checkpoint.empty()) all.push_back(loop.checkpoint);
  if (loop.curves.empty()) return all;
  for (const char* part : {"", "-all"}) {
    for (const char* kind : {".csv", ".svg", ".tfevents"}) all.push_back(loop.curves + part + kind);
  }
  return all;
}

std::string identity_of(const LoopOptions& loop) {
  std::string text = fmt::format(
      "seed {}; learning-rate {}; final-rate {}; weight-decay {}; clip-norm {}; average-decay {}; "
      "average-every {}; accumulate "
      "{}",
      loop.seed, loop.learning_rate, loop.final_rate, loop.weight_decay, loop.clip_norm,
      loop.average_decay, loop.average_every, loop.accumulate);
  if (loop.epochs == 0)
    text += fmt::format("; epochs chosen; max-epochs {}; patience {}; tolerance {}",
                        loop.max_epochs, loop.patience, loop.tolerance);
  // With a constant rate the first epochs are the same, however many come after them.
  else if (loop.final_rate < 1.0)
    text += fmt::format("; epochs {}", loop.epochs);
  else
    text += "; epochs given";
  return text;
}

}  // namespace tapegrad::apps
