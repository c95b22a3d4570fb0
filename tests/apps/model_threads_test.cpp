// Every model's training gives the same bits with 1, 2 and 4 threads.
#include <doctest/doctest.h>

#include <chrono>
#include <set>

#include <oneapi/tbb/global_control.h>

#include <tapegrad/apps/models/registry.h>
#include <tapegrad/graph/runner.h>

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;
using tapegrad::Index;

constexpr tg::Index user_count = 400, item_count = 700, pairs = 8192;

struct Training {
  std::vector<tg::Array> results;  // losses and the parameters after the last step
  std::set<std::uint32_t> threads;
};

tg::Tensor record(tg::Tape& tape, const InteractionModel& model, tg::Random& random) {
  std::vector<std::int32_t> users(pairs), items(pairs);
  std::vector<float> labels(pairs);
  for (std::size_t i = 0; i < users.size(); ++i) {
    users[i] = static_cast<std::int32_t>(random.below(user_count));
    items[i] = static_cast<std::int32_t>(random.below(item_count));
    labels[i] = static_cast<float>(random.below(2));
  }
  const tg::Tensor loss = tg::binary_cross_entropy_with_logits(model.logits(tape, users, items),
                                                               tape.input(labels, {pairs}));
  users.resize(256);
  const tg::Tensor all = model.all_logits(tape, users);
  return all ? loss + tg::mean(tg::logsumexp(all)) : loss;
}

UserItems random_pairs() {
  tg::Random random(11);
  std::vector<std::int32_t> users, items;
  for (std::int32_t user = 0; user < user_count; ++user) {
    for (int i = 0; i < 5; ++i) {
      users.push_back(user);
      items.push_back(static_cast<std::int32_t>(random.below(item_count)));
    }
  }
  return {user_count, item_count, users, items};
}

Training train(const std::string& name, int threads) {
  tg::Parameters parameters(3);
  const ModelRow& row = model_row(name);
  ModelSettings settings = default_settings(row);
  if (row.find(model_options::factors) != nullptr) settings.set(model_options::factors, "32");
  if (row.find(model_options::dropout) != nullptr) settings.set(model_options::dropout, "0.1");
  const auto events = std::make_shared<const UserItems>(random_pairs());
  const auto model = row.make(settings, parameters.root(), {.pairs = events, .targets = events});
  Training training;
  tg::Tape tape({.threads = threads, .seed = 5, .profile = true});
  tg::optim::AdamW adam({.threads = threads});
  tg::Random random(7);
  for (int step = 0; step < 3; ++step) {
    tape.clear();
    const tg::Tensor loss = record(tape, *model, random);
    const tg::Gradients gradients = tg::backward(loss);
    training.results.push_back(loss.copy());
    adam.update(parameters, gradients);
    for (const tg::TimedInstruction& one : tape.runner().times())
      training.threads.insert(one.thread);
  }
  for (const tg::Parameter& parameter : parameters) training.results.push_back(parameter.value());
  // A busy machine may leave a worker asleep for some time.
  const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (training.threads.size() < static_cast<std::size_t>(threads) &&
         std::chrono::steady_clock::now() < late) {
    tape.clear();
    tg::backward(record(tape, *model, random));
    for (const tg::TimedInstruction& one : tape.runner().times())
      training.threads.insert(one.thread);
  }
  return training;
}

}  // namespace

TEST_CASE(
    "every model trains to the same bits with 1, 2 and 4 threads, and all of them take part") {
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, 4);
  for (const ModelRow& row : model_rows()) {
    if (!row.is_neural()) continue;
    const std::string name(row.name);
    CAPTURE(name);
    const Training one = train(name, 1);
    for (const int threads : {2, 4}) {
      CAPTURE(threads);
      const Training several = train(name, threads);
      CHECK(several.results == one.results);
      CHECK(several.threads.size() == static_cast<std::size_t>(threads));
    }
  }
}
