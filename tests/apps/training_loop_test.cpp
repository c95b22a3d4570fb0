// The loop that trains: stopping, best weights, interruption and resumption, accumulation, curves.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/checkpoint.h>
#include <tapegrad/apps/training/choose_and_refit.h>
#include <tapegrad/apps/training/pair_sources.h>
#include <tapegrad/apps/training/sequence_sources.h>
#include <tapegrad/apps/training/text_source.h>
#include <tapegrad/apps/training/training_loop.h>

#include "small_models.h"
#include "small_sequence_models.h"
#include "test_files.h"

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;
using tapegrad::Index;

Sessions random_sessions(std::uint64_t seed, int count) {
  tg::Random random(seed);
  Sessions sessions;
  for (int i = 0; i < 12; ++i) sessions.items.insert("item " + std::to_string(i));
  for (int s = 0; s < count; ++s) {
    std::vector<std::int32_t> events{static_cast<std::int32_t>(random.below(12))};
    const tg::Index length = random.below(6);
    for (tg::Index i = 0; i < length; ++i)
      events.push_back(static_cast<std::int32_t>((events.back() + 1 + random.below(2)) % 12));
    sessions.add(std::to_string(s), {.items = events});
  }
  return sessions;
}

struct Run {
  std::vector<tg::Array> weights;
  LoopResult result;
};

// Passes batches on and raises SIGINT after so many.
class Interrupting : public BatchSource {
 public:
  Interrupting(BatchSource& source, int after) : source_(source), left_(after) {}
  void begin_epoch(int epoch) override { source_.begin_epoch(epoch); }
  bool next() override { return source_.next(); }
  Index epoch_samples() const override { return source_.epoch_samples(); }
  Index samples() const override { return source_.samples(); }
  tg::Tensor loss(tg::Tape& tape) override { return source_.loss(tape); }
  void computed() override {
    source_.computed();
    if (--left_ == 0) std::raise(SIGINT);
  }
  std::map<std::string, tg::Array> state() const override { return source_.state(); }
  void restore(const std::map<std::string, tg::Array>& state) override { source_.restore(state); }

 private:
  BatchSource& source_;
  int left_;
};

Run run(tg::Parameters& parameters, BatchSource& source, const LoopOptions& options,
        int interrupt_after, bool judged) {
  Interrupting interrupting(source, interrupt_after);
  // The sum of a parameter: any number that moves will do.
  const auto judge = [&] {
    double sum = 0.0;
    const tg::Array first = parameters.begin()->value();
    for (Index i = 0; i < first.size(); ++i) sum += first.at(i);
    return Judgement{.value = std::sin(40.0 * sum)};
  };
  Progress progress(true);
  Run outcome;
  outcome.result = train(parameters, interrupting, options,
                         judged ? std::function<Judgement()>(judge) : nullptr, progress);
  for (const tg::Parameter& parameter : parameters) outcome.weights.push_back(parameter.value());
  return outcome;
}

Run run(const std::string& name, NextItemLoss loss, const LoopOptions& options,
        int interrupt_after = 0, bool judged = true) {
  const Sessions sessions = random_sessions(3, 40);
  tg::Parameters parameters(options.seed);
  const auto model =
      small_sequence_model(name, small_sequence_settings(name, "8", "4"), parameters, 12);
  const auto source = make_sequence_source(
      *model, sessions,
      {.loss = {.loss = loss, .negatives = 5}, .batch = 4, .steps = 3, .seed = options.seed});
  return run(parameters, *source, options, interrupt_after, judged);
}

// A random text.
Run run_text(NextItemLoss loss, const LoopOptions& options, int interrupt_after) {
  constexpr Index vocabulary = 12;
  tg::Random random(5);
  std::vector<std::int32_t> text;
  for (int i = 0; i < 150; ++i) text.push_back(static_cast<std::int32_t>(random.below(vocabulary)));
  tg::Parameters parameters(options.seed);
  const LanguageModel model(parameters.root(), vocabulary,
                            {.width = 6, .embedding = 5, .tied = true, .dropout = 0.2});
  TextSource source(
      model, text,
      {.lanes = 3, .steps = 6, .loss = {.loss = loss, .negatives = 5}, .seed = options.seed});
  return run(parameters, source, options, interrupt_after, true);
}

std::unique_ptr<InteractionModel> small_network(const std::string& name, tg::Parameters& parameters,
                                                const UserItems& pairs) {
  const ModelRow& row = model_row(name);
  const auto shared = std::make_shared<const UserItems>(pairs);
  return row.make(small_settings(row), parameters.root(), {.pairs = shared, .targets = shared});
}

// The sessions' owners as users.
Run run(const std::string& name, PairLoss loss, const LoopOptions& options,
        int interrupt_after = 0) {
  const Sessions sessions = random_sessions(3, 40);
  Interactions interactions;
  for (Index s = 0; s < sessions.count(); ++s) {
    for (const std::int32_t item : sessions.of(s).items) {
      interactions.users.push_back(static_cast<std::int32_t>(s));
      interactions.items.push_back(item);
    }
  }
  interactions.user_ids = sessions.owners;
  interactions.item_ids = sessions.items;
  const UserItems pairs(interactions);
  tg::Parameters parameters(options.seed);
  const auto model = small_network(name, parameters, pairs);
  const auto source = make_pair_source(
      *model, pairs, {.loss = loss, .batch = 7, .negatives = 2, .seed = options.seed});
  return run(parameters, *source, options, interrupt_after, true);
}

}  // namespace

TEST_CASE(
    "a run that was interrupted and resumed has the bits of one that was not, whatever the model "
    "and the place") {
  const TestFiles folder;
  LoopOptions options{.max_epochs = 5,
                      .patience = 9,
                      .learning_rate = 0.01,
                      .final_rate = 0.1,
                      .weight_decay = 0.01,
                      .clip_norm = 1.0,
                      .average_decay = 0.9,
                      .threads = 2,
                      .seed = 4,
                      .identity = "this"};
  // Stochastic gradient descent with an L1 penalty, and curves of gradients.
  const auto by_sgd = [&folder](LoopOptions with, int after) {
    with.optimizer = "sgd";
    with.l1 = 0.01;
    with.curves = folder.path(after > 0 ? "interrupted" : with.resume ? "resumed" : "whole");
    with.gradient_norms = true;
    return run("gru", NextItemLoss::softmax, with, after);
  };
  using OneRun = std::function<Run(const LoopOptions&, int interrupt_after)>;
  const auto sequence = [](const std::string& name, NextItemLoss loss) -> OneRun {
    return [=](const LoopOptions& with, int after) { return run(name, loss, with, after); };
  };
  const auto pairs = [](const std::string& name, PairLoss loss) -> OneRun {
    return [=](const LoopOptions& with, int after) { return run(name, loss, with, after); };
  };
  const auto text = [](NextItemLoss loss) -> OneRun {
    return [=](const LoopOptions& with, int after) { return run_text(loss, with, after); };
  };
  const std::pair<std::string, OneRun> cases[] = {
      {"text", text(NextItemLoss::softmax)},
      {"text, sampled", text(NextItemLoss::sampled_softmax)},
      {"gru", sequence("gru", NextItemLoss::softmax)},
      {"gru, sgd", by_sgd},
      {"lstm", sequence("lstm", NextItemLoss::bpr_max)},
      {"sasrec", sequence("sasrec", NextItemLoss::softmax)},
      {"esasrec", sequence("esasrec", NextItemLoss::sampled_softmax)},
      {"nextitnet", sequence("nextitnet", NextItemLoss::gbce)},
      {"rnn", sequence("rnn", NextItemLoss::bce)},
      {"neumf", pairs("neumf", PairLoss::pointwise)},
      {"mf", pairs("mf", PairLoss::softmax)}};
  for (const auto& one : cases) {
    const std::string& label = one.first;
    CAPTURE(label);
    options.checkpoint.clear();
    options.resume = false;
    const Run whole = one.second(options, 0);
    for (const int stop : {1, 2, 7, 20}) {
      CAPTURE(stop);
      options.checkpoint = folder.path("checkpoint");
      std::filesystem::remove(options.checkpoint);
      options.resume = false;
      CHECK_THROWS_AS(one.second(options, stop), Interrupted);
      REQUIRE(std::filesystem::exists(options.checkpoint));
      options.resume = true;
      const Run resumed = one.second(options, 0);
      CHECK(resumed.weights == whole.weights);
      CHECK(resumed.result.epochs == whole.result.epochs);
      CHECK(resumed.result.best == whole.result.best);
    }
  }
  const auto curves = [&](const std::string& name) {
    std::ifstream in(folder.path(name + ".csv"));
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(curves("whole").find("gradient norm of ") != std::string::npos);
  CHECK(curves("resumed") == curves("whole"));
}

TEST_CASE("an L1 penalty makes weights 0, and an optimizer of another name is refused") {
  LoopOptions options{.epochs = 2, .learning_rate = 0.01, .seed = 4};
  const auto zeros = [&] {
    Index count = 0;
    for (const tg::Array& weight : run("gru", NextItemLoss::softmax, options).weights)
      count += std::ranges::count(weight.values<float>(), 0.0F);
    return count;
  };
  const Index before = zeros();
  options.l1 = 0.5;
  CHECK(zeros() > before + 50);
  options.optimizer = "adam";
  CHECK(message_of([&] { zeros(); }) == "the optimizer must be one of adamw, sgd, got \"adam\"");
}

TEST_CASE("a checkpoint of another run, or of nothing, is refused") {
  const TestFiles folder;
  LoopOptions options{.max_epochs = 2,
                      .seed = 4,
                      .checkpoint = folder.path("checkpoint"),
                      .identity = "model rnn; seed 4"};
  CHECK_THROWS_AS(run("rnn", NextItemLoss::softmax, options, 2), Interrupted);
  CHECK(checkpoint_identity(options.checkpoint) == "model rnn; seed 4");
  CHECK(!checkpoint_identity(folder.path("none")));
  options.resume = true;
  options.identity = "model gru; seed 4";
  CHECK(message_of([&] {
          run("rnn", NextItemLoss::softmax, options);
        }).find("is the checkpoint of another run: model gru here and rnn there") !=
        std::string::npos);
  folder.write("checkpoint", "nonsense");
  CHECK(!message_of([&] { run("rnn", NextItemLoss::softmax, options); }).empty());
}

TEST_CASE(
    "an interruption is answered after an epoch too short for an update of its own, and the "
    "checkpoint goes on") {
  const TestFiles folder;
  LoopOptions options{.epochs = 4, .learning_rate = 0.01, .accumulate = 1000, .seed = 4};
  const Run whole = run("gru", NextItemLoss::softmax, options, 0, false);
  options.checkpoint = folder.path("checkpoint");
  CHECK_THROWS_AS(run("gru", NextItemLoss::softmax, options, 3, false), Interrupted);
  options.resume = true;
  CHECK(run("gru", NextItemLoss::softmax, options, 0, false).weights == whole.weights);
}

TEST_CASE("a damaged checkpoint is refused, wherever it was damaged") {
  const TestFiles folder;
  LoopOptions options{
      .epochs = 2, .learning_rate = 0.01, .seed = 4, .checkpoint = folder.path("checkpoint")};
  CHECK_THROWS_AS(run("mf", PairLoss::softmax, options, 2), Interrupted);
  std::ifstream in(options.checkpoint, std::ios::binary);
  const std::string good(std::istreambuf_iterator<char>(in), {});
  options.resume = true;
  tg::Random random(3);
  for (int i = 0; i < 40; ++i) {
    std::string bad = good;
    const auto at = static_cast<std::size_t>(random.below(static_cast<Index>(good.size())));
    bad[at] = static_cast<char>(bad[at] ^ (1 << random.below(8)));
    folder.write("checkpoint", bad);
    CAPTURE(at);
    CHECK(message_of([&] { run("mf", PairLoss::softmax, options); }).find(options.checkpoint) !=
          std::string::npos);
  }
}

TEST_CASE("a moving average has every update in it, however few there were") {
  LoopOptions options{
      .epochs = 1, .learning_rate = 0.01, .average_decay = 0.9, .average_every = 1, .seed = 4};
  tg::Parameters untrained(options.seed);
  const auto model = small_network("gmf", untrained, UserItems(40, 12, {}, {}));
  options.accumulate = 1000;  // one update
  const Run one = run("gmf", PairLoss::pointwise, options);
  options.average_every = 32;
  CHECK(run("gmf", PairLoss::pointwise, options).weights == one.weights);
  CHECK(one.weights[0] != untrained.begin()->value());
}

TEST_CASE("choosing and refitting share a checkpoint, and one that is there is not written over") {
  const TestFiles folder;
  LoopOptions options{.max_epochs = 6, .checkpoint = folder.path("checkpoint"), .identity = "this"};
  std::vector<std::string> parts;
  const auto choose = [&](const LoopOptions& loop) {
    parts.push_back(loop.identity);
    folder.write("checkpoint", "of the first part");
    return LoopResult{.epochs = 3};
  };
  const auto fit_all = [&](const LoopOptions& loop) {
    parts.push_back(loop.identity);
    CHECK(loop.epochs == 3);
    CHECK(loop.schedule_epochs == 6);
    CHECK(!loop.resume);
    CHECK(std::filesystem::exists(loop.checkpoint));
  };
  CHECK(choose_and_refit(options, true, choose, fit_all) == 3);
  CHECK(parts == std::vector<std::string>{"this, choosing", "this, on everything, epochs 3"});
  CHECK(message_of([&] {
          choose_and_refit(options, true, choose, fit_all);
        }).find("is there already") != std::string::npos);
}

TEST_CASE("training stops after epochs without a better one, and the best weights come back") {
  LoopOptions options{.max_epochs = 40, .patience = 2, .learning_rate = 0.01, .seed = 4};
  const Run stopped = run("gru", NextItemLoss::softmax, options);
  CHECK(stopped.result.epochs < 38);
  options.epochs = stopped.result.epochs;
  const Run exact = run("gru", NextItemLoss::softmax, options, 0, false);
  // The schedule is constant, so that so many epochs alone lead to the same weights.
  CHECK(exact.weights == stopped.weights);
  options.epochs = 0;
  CHECK_THROWS_AS(run("gru", NextItemLoss::softmax, options, 0, false), OptionError);
}

TEST_CASE("accumulated batches make fewer updates") {
  LoopOptions options{.epochs = 1, .learning_rate = 0.01, .accumulate = 1, .seed = 4};
  const Run one = run("sasrec", NextItemLoss::softmax, options, 0, false);
  options.accumulate = 3;
  const Run three = run("sasrec", NextItemLoss::softmax, options, 0, false);
  CHECK(one.weights != three.weights);
  options.accumulate = 1000000;
  CHECK(run("sasrec", NextItemLoss::softmax, options, 0, false).weights != three.weights);
}

TEST_CASE("curves are written as a table, a picture and events, the same for the same run") {
  const TestFiles folder;
  LearningCurves curves;
  for (int epoch = 1; epoch <= 3; ++epoch) curves.add("loss", epoch, 1.0 / epoch);
  curves.add("validation", 2, 0.5);
  curves.write(folder.path("run"));
  const auto read = [&](const std::string& name) {
    std::ifstream in(folder.path(name), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  CHECK(read("run.csv") == "epoch,loss,validation\n1,1,\n2,0.5,0.5\n3,0.3333333333333333,\n");
  CHECK(read("run.svg").find("<polyline") != std::string::npos);
  const std::string events = read("run.tfevents");
  // The first record: 24 bytes of an event with the version, and the masked checksum of their
  // length.
  REQUIRE(events.size() > 40);
  CHECK(events.substr(0, 8) == std::string("\x18\0\0\0\0\0\0\0", 8));
  CHECK(events.substr(8, 4) == "\xA3\x7F\x4B\x22");
  CHECK(events.substr(23, 13) == "brain.Event:2");
  CHECK(message_of([&] { curves.write("/nowhere/run"); }) ==
        "/nowhere/run.csv: cannot be written: No such file or directory");
}
