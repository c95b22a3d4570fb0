// Checkpoints: a run goes on from nothing that it did not write.
#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/checkpoint.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/sequence_sources.h>
#include <tapegrad/apps/training/training_loop.h>

#include "file_mutations.h"
#include "small_sequence_models.h"
#include "test_files.h"

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;
using namespace file_mutations;

Sessions small_sessions() {
  Sessions sessions;
  for (int i = 0; i < 7; ++i) sessions.items.insert("item " + std::to_string(i));
  for (std::int32_t s = 0; s < 9; ++s) {
    const std::vector<std::int32_t> events{s % 7, (s + 1) % 7, (s + 3) % 7};
    sessions.add(std::to_string(s), {.items = events});
  }
  return sessions;
}

// Trains, and gives the weights.
std::vector<tg::Array> run(const LoopOptions& options, const std::string& name = "lstm") {
  const Sessions sessions = small_sessions();
  tg::Parameters parameters(options.seed);
  const auto model =
      small_sequence_model(name, small_sequence_settings(name, "4", "4"), parameters, 7);
  const auto source = make_sequence_source(*model, sessions, {.batch = 3, .steps = 2});
  double judged = 0.0;
  Progress progress(true);
  train(
      parameters, *source, options, [&] { return Judgement{.value = judged += 1.0}; }, progress);
  return parameters.snapshot();
}

LoopOptions options_of(const std::string& checkpoint) {
  return {.epochs = 2,
          .learning_rate = 0.01,
          .average_decay = 0.9,
          .threads = 1,
          .checkpoint = checkpoint,
          .checkpoint_minutes = 0.0,
          .identity = "this"};
}

}  // namespace

TEST_CASE(
    "every entry of a checkpoint that is missing, of another form or out of bounds is refused by "
    "name") {
  const TestFiles folder;
  LoopOptions options = options_of(folder.path("checkpoint"));
  run(options);
  tg::nn::WeightFile file = tg::nn::load_weights(options.checkpoint);
  file.metadata.erase("crc32");
  options.resume = true;
  options.epochs = 3;
  int cells = 0;
  const auto refuses = [&](const std::string& name, const tg::nn::WeightFile& changed) {
    CAPTURE(name);
    tg::nn::save_weights(options.checkpoint, changed);
    const std::string message = message_of([&] { run(options); });
    CAPTURE(message);
    CHECK(message.starts_with(options.checkpoint + ": "));
    // The optimizer names parameters and their arrays in its own words.
    const std::string part =
        name.starts_with("optimizer/") ? name.substr(name.find_last_of("./") + 1) : name;
    CHECK(message.find(part) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    ++cells;
  };
  tg::nn::save_weights(options.checkpoint, file);
  const std::vector<tg::Array> whole = run(options);
  for (const char* prefix :
       {"weights/", "optimizer/", "source/", "average/", "best/", "loop/", "curves/"})
    CHECK(file.tensors.lower_bound(prefix)->first.starts_with(prefix));
  for (const auto& [name, array] : file.tensors) {
    // The rest of the optimizer's state is its own, and tested with it.
    if (name.starts_with("optimizer/") && !name.ends_with("_moment")) continue;
    tg::nn::WeightFile changed = file;
    changed.tensors.erase(name);
    // A run without a best epoch or an average has none of their arrays; curves need not be there.
    if (!name.starts_with("curves/")) refuses(name, changed);
    for (const tg::Array& wrong : wrong_forms(array)) {
      changed.tensors.insert_or_assign(name, wrong);
      refuses(name, changed);
    }
    if (name.starts_with("loop/")) {
      const bool real =
          name == "loop/loss_sum" || name == "loop/best" || name == "loop/best_among_equals";
      for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL, -1.0, 2.5, 1e300}) {
        if (real && std::isfinite(value)) continue;
        changed.tensors.insert_or_assign(name, tg::Array::full({}, value, tg::Dtype::float64));
        refuses(name, changed);
      }
    }
    if (name.starts_with("curves/")) {
      for (const double value : {std::nan(""), HUGE_VAL, -1.0, 0.0, 1.5, 1e300}) {
        changed = file;
        changed.tensors.at(name).set(0, value);
        refuses(name, changed);
      }
    }
    if (name.starts_with("weights/") || name.starts_with("average/") || name.starts_with("best/")) {
      changed = file;
      changed.tensors.at(name).set(0, std::nan(""));
      refuses(name, changed);
    }
  }
  for (const char* more :
       {"weights/more", "source/7.0", "average/77", "best/77", "loop/more", "more"}) {
    tg::nn::WeightFile changed = file;
    changed.tensors.emplace(more, tg::Array({1}));
    const std::string name = more;
    refuses(name.substr(0, name.find('/') + 1), changed);
  }
  for (const char* text : {"format", "run"}) {
    tg::nn::WeightFile changed = file;
    changed.metadata.erase(text);
    refuses(text, changed);
  }
  tg::nn::save_weights(options.checkpoint, file);
  CHECK(run(options) == whole);
  MESSAGE(cells, " entries of checkpoints that are refused");
}

TEST_CASE("averages of another shape are refused, whatever the rest") {
  const TestFiles folder;
  LoopOptions options = options_of(folder.path("checkpoint"));
  run(options, "sasrec");
  tg::nn::WeightFile file = tg::nn::load_weights(options.checkpoint);
  file.metadata.erase("crc32");
  file.tensors.insert_or_assign("average/0", tg::Array({1}));
  tg::nn::save_weights(options.checkpoint, file);
  options.resume = true;
  CHECK(message_of([&] { run(options, "sasrec"); }) ==
        options.checkpoint +
            ": is damaged: average/0 is float32 of shape [1], expected float32 of [7, 4]");
}

TEST_CASE("a number of epochs in a checkpoint's identity that is none is refused") {
  const TestFiles folder;
  const auto fit = [](const LoopOptions&) { return LoopResult{.epochs = 1}; };
  for (const char* epochs :
       {"", "0", "-1", "2.5", "1e300", "99999999999999999999", "nan", "3 and more"}) {
    CAPTURE(epochs);
    tg::nn::WeightFile file;
    file.metadata = {{"format", "tapegrad checkpoint 1"},
                     {"run", std::string("this, on everything, epochs ") + epochs}};
    tg::nn::save_weights(folder.path("checkpoint"), file);
    const LoopOptions options{
        .checkpoint = folder.path("checkpoint"), .resume = true, .identity = "this"};
    CHECK(message_of([&] { choose_and_refit(options, true, fit, fit); }).find("epochs must be") !=
          std::string::npos);
  }
}

TEST_CASE("a checkpoint in use by another run is refused, and free afterwards") {
  const TestFiles folder;
  LoopOptions options = options_of(folder.path("checkpoint"));
  const std::vector<tg::Array> whole = run(options);
  options.resume = true;
  {
    const tg::nn::FileLock other(options.checkpoint);
    CHECK(message_of([&] { run(options); }) == options.checkpoint + ": is in use by another run");
  }
  CHECK(run(options) == whole);
}

TEST_CASE(
    "a checkpoint and curves that cannot be written are warnings, and the training goes on to the "
    "same weights") {
  const TestFiles folder;
  LoopOptions options = options_of(folder.path("checkpoint"));
  const std::vector<tg::Array> whole = run(options);
  options.checkpoint = folder.path("no/checkpoint");
  options.curves = folder.path("no/curves");
  CHECK(run(options) == whole);
}
