#include <tapegrad/apps/command_line/loop_options.h>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_run_options(po::options_description& description) {
  description.add_options()("quiet", "print only errors and warnings on stderr")(
      "seed", po::value<std::int64_t>()->value_name("N")->default_value(1),
      "the seed of all random numbers: first weights, dropout, sampled items and order; 0 or more")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it");
}

po::options_description loop_options_description() {
  const LoopOptions standard;
  po::options_description training =
      options_group("Training a neural network; \"the model's\" defaults differ between models");
  const auto add = [&](const char* name, auto* value, const std::string& text) {
    training.add_options()(name, value, text.c_str());
  };
  const auto whole = [] { return po::value<int>()->value_name("N"); };
  const auto number = [] { return po::value<double>()->value_name("NUMBER"); };
  const auto file = [](const char* name) { return po::value<std::string>()->value_name(name); };
  add("epochs", whole(),
      "how many epochs to train for, from 1 on; a run that is resumed may have more than before; "
      "default: their number is chosen on a validation part");
  add("max-epochs", whole(), "the most epochs that can be chosen, from 1 on; default: the model's");
  add("patience", whole(),
      "how many epochs in a row may pass without a better one before the choice of their number "
      "ends, from 1 on; default: the model's");
  add("tolerance", number(),
      fmt::format("by how much an epoch must beat the best one before it to count as better, from "
                  "0 to 1; default: {}",
                  standard.tolerance));
  add("optimizer", po::value<std::string>()->value_name("NAME"),
      fmt::format("what updates the weights: AdamW (adamw), or stochastic gradient descent with "
                  "momentum (sgd), which needs --learning-rate; default: {}",
                  standard.optimizer));
  add("momentum", number(),
      fmt::format("how much of the last step of sgd its next one keeps, from 0 to 0.9999; "
                  "default: {}",
                  standard.momentum));
  add("learning-rate", number(),
      "the learning rate of the first epoch, above 0; default: the model's, which is for adamw");
  add("final-rate", number(),
      fmt::format("the learning rate of the last epoch as a fraction of the first one's, from 0 to "
                  "1, with half a cosine between; default: {}",
                  standard.final_rate));
  add("weight-decay", number(),
      "how strongly all weights are pulled towards 0 in proportion to their size, 0 or more: with "
      "adamw apart from the gradient (decoupled weight decay), with sgd as a part of it (L2); "
      "default: the model's");
  add("l1", number(),
      fmt::format("how strongly all weights are pulled towards 0 whatever their size (L1, by soft "
                  "thresholding), which makes many of them 0, 0 or more; default: {}",
                  standard.l1));
  add("clip-norm", number(),
      "the norm that all gradients together are scaled down to where theirs is larger; 0: they are "
      "left as they are; default: the model's");
  add("average-decay", number(),
      "the decay of the moving average of the weights, which is what is kept in the end, from 0 to "
      "1; 0: no average is taken; default: the model's");
  add("accumulate", whole(),
      fmt::format("how many batches make one update of the weights, from 1 on; default: {}",
                  standard.accumulate));
  add("checkpoint", file("FILE"),
      "a file to save the state of the training to: now and then, when it is interrupted and at "
      "the end; default: none");
  add("checkpoint-minutes", number(),
      fmt::format("the minutes between two savings of the checkpoint, 0 or more; default: {}",
                  standard.checkpoint_minutes));
  training.add_options()("resume",
                         "go on from the checkpoint; without one the training begins anew");
  add("curves", file("NAME"),
      "write the losses of all epochs to NAME.csv, NAME.svg and NAME.tfevents (TensorBoard); "
      "default: nothing is written");
  training.add_options()("gradient-norms",
                         "add to the curves how large the gradient of each layer's weights was in "
                         "the last update of each epoch and, of networks that read texts, how much "
                         "the loss depends on the tokens 1, 2, 4, 8 and so on from the end");
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
  set_bounded(loop.momentum, given, settings::momentum);
  set_bounded(loop.l1, given, settings::l1);
  set_bounded(loop.weight_decay, given, settings::weight_decay);
  set_bounded(loop.clip_norm, given, settings::clip_norm);
  set_bounded(loop.average_decay, given, settings::average_decay);
  set_bounded(loop.accumulate, given, settings::accumulate);
  set_bounded(loop.checkpoint_minutes, given, "checkpoint-minutes", 0.0, 1e6);
  if (given.contains("optimizer")) {
    loop.optimizer = given["optimizer"].as<std::string>();
    check_optimizer(loop.optimizer);
  }
  if (loop.optimizer != "sgd")
    refuse_given(given, {"momentum"}, fmt::format("with --optimizer {}", loop.optimizer));
  else if (!is_given(given, "learning-rate"))
    throw OptionError("--optimizer sgd needs --learning-rate: the models' own rates are for adamw");
  loop.gradient_norms = given.contains("gradient-norms");
  loop.resume = given.contains("resume");
  if (given.contains("checkpoint")) loop.checkpoint = given["checkpoint"].as<std::string>();
  if (given.contains("curves")) loop.curves = given["curves"].as<std::string>();
  if (loop.resume && loop.checkpoint.empty()) throw OptionError("--resume needs --checkpoint");
  if (loop.curves.empty()) refuse_given(given, {"gradient-norms"}, "without --curves");
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
  if (loop.optimizer == "sgd") text += fmt::format("; sgd; momentum {}", loop.momentum);
  if (loop.l1 > 0.0) text += fmt::format("; l1 {}", loop.l1);
  if (loop.gradient_norms) text += "; gradient norms";
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
