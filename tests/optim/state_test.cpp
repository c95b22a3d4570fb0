// What an optimizer keeps: interruption, numbers set from outside, several optimizers, errors.
#include "optim_test_tools.h"

#include <filesystem>
#include <limits>
#include <optional>

#include <unistd.h>

#include <tapegrad/nn/safetensors.h>

namespace {

using namespace optim_test;

std::vector<HandMade> story(std::uint64_t seed, int steps) {
  Touches touches(seed);
  std::vector<HandMade> gradients;
  for (int i = 0; i < steps; ++i)
    gradients.push_back(i % 50 == 49 ? touches.next_dense() : touches.next());
  return gradients;
}

}  // namespace

TEST_CASE(
    "training that was interrupted, saved and restored goes on bit by bit as if it had not been") {
  const std::vector<HandMade> gradients = story(20, 400);
  const std::string path =
      (std::filesystem::temp_directory_path() / ("tapegrad-optim-" + std::to_string(getpid())))
          .string();
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const Rule& rule : rules()) {
      for (const std::size_t stop :
           {std::size_t{0}, std::size_t{1}, std::size_t{137}, std::size_t{399}}) {
        for (const bool weights_first : {true, false}) {
          CAPTURE(rule.name);
          CAPTURE(stop);
          CAPTURE(weights_first);
          Model whole(rule, dtype);
          Model first(rule, dtype);
          for (std::size_t i = 0; i < gradients.size(); ++i) {
            whole.update(gradients[i]);
            if (i < stop) first.update(gradients[i]);
          }
          tg::nn::save_weights(path + ".weights", {tg::nn::weights_of(first.parameters()), {}});
          tg::nn::save_weights(path + ".state", {first.optimizer().state(first.parameters()), {}});

          Model second(rule, dtype);
          second.table().mutable_value() = tg::Array({24, 5}, dtype);
          const auto weights = tg::nn::load_weights(path + ".weights").tensors;
          if (weights_first) tg::nn::set_weights(second.parameters(), weights);
          second.optimizer().restore(second.parameters(),
                                     tg::nn::load_weights(path + ".state").tensors);
          if (!weights_first) tg::nn::set_weights(second.parameters(), weights);
          CHECK(second.optimizer().steps() == stop);
          CHECK(second.table().value() == first.table().value());
          for (std::size_t i = stop; i < gradients.size(); ++i) second.update(gradients[i]);
          CHECK(second.table().value() == whole.table().value());
          CHECK(second.optimizer().state(second.parameters()) ==
                whole.optimizer().state(whole.parameters()));
        }
      }
    }
  }
  std::filesystem::remove(path + ".weights");
  std::filesystem::remove(path + ".state");
}

TEST_CASE("asking for the state changes nothing of what follows") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Model asked(rule, tg::Dtype::float32);
    Model left_alone(rule, tg::Dtype::float32);
    for (const HandMade& gradient : story(21, 200)) {
      asked.update(gradient);
      asked.optimizer().state(asked.parameters());
      left_alone.update(gradient);
    }
    CHECK(asked.table().value() == left_alone.table().value());
  }
}

TEST_CASE("an optimizer that goes back to an earlier state forgets what came after it") {
  const std::vector<HandMade> gradients = story(22, 120);
  for (const Rule& rule : rules()) {
    for (const std::size_t stop : {std::size_t{0}, std::size_t{40}}) {
      CAPTURE(rule.name);
      CAPTURE(stop);
      Model model(rule, tg::Dtype::float64);
      const auto train = [&](std::size_t begin, double rate) {
        model.optimizer().set_learning_rate(rate);
        for (std::size_t i = begin; i < gradients.size(); ++i) model.update(gradients[i]);
      };
      model.optimizer().set_learning_rate(0.01);
      for (std::size_t i = 0; i < stop; ++i) model.update(gradients[i]);
      const tg::Parameters::Snapshot weights = model.parameters().snapshot();
      const auto state = model.optimizer().state(model.parameters());
      train(stop, 0.01);
      const tg::Array once = model.table().value();
      for (const bool weights_first : {true, false}) {
        train(0, 0.03);
        if (weights_first) model.parameters().restore(weights);
        model.optimizer().restore(model.parameters(), state);
        if (!weights_first) model.parameters().restore(weights);
        CHECK(model.table().value() == weights[0]);
        train(stop, 0.01);
        CHECK(model.table().value() == once);
      }
    }
  }
}

TEST_CASE(
    "numbers that are set from outside in the middle of training stay set, and move on as under "
    "the dense rule") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Model sparse(rule, tg::Dtype::float64);
    Model dense(rule, tg::Dtype::float64);
    tg::Random random(23);
    int step = 0;
    for (const HandMade& gradient : story(23, 300)) {
      sparse.update(gradient);
      dense.update_dense(gradient);
      if (++step % 60 == 0) {
        tg::Array numbers = dense.table().value();
        for (tg::Index i = 0; i < numbers.size(); i += 2) numbers.set(i, random.uniform(-1.0, 1.0));
        sparse.table().assign(numbers);
        dense.table().assign(numbers);
        CHECK(sparse.table().value() == numbers);
      }
      if (step % 60 == 1) CHECK(distance(dense.table().value(), sparse.table().value()) <= 1e-12);
    }
    CHECK(distance(dense.table().value(), sparse.table().value()) <= 1e-12);
  }
}

TEST_CASE("two optimizers may take turns on one model") {
  for (const Rule& rule : rules()) {
    for (const Rule& other : rules()) {
      CAPTURE(rule.name);
      CAPTURE(other.name);
      Model sparse(rule, tg::Dtype::float64);
      Model dense(rule, tg::Dtype::float64);
      const auto other_sparse = other.make();
      const auto other_dense = other.make();
      int step = 0;
      for (HandMade gradient : story(24, 45)) {
        const bool turn = step++ / 15 % 2 == 1;
        gradient.parameter = &sparse.table();
        if (turn)
          other_sparse->update(sparse.parameters(), gradients_of({gradient}, tg::Dtype::float64));
        else
          sparse.update(gradient);
        gradient.parameter = &dense.table();
        if (turn)
          other_dense->update(dense.parameters(),
                              gradients_of({made_dense(gradient)}, tg::Dtype::float64));
        else
          dense.update_dense(gradient);
      }
      // An optimizer's own steps stand still while the other has its turn.
      CHECK(distance(dense.table().value(), sparse.table().value()) <= 1e-12);
    }
  }
}

TEST_CASE(
    "decoupled decay stays right after the product of all its factors has left the range of "
    "numbers") {
  const auto make = [] {
    return std::make_unique<AdamW>(AdamOptions{.learning_rate = 0.5, .weight_decay = 0.9});
  };
  for (const double rate : {0.5, 1.0 / 0.9, 2.0}) {
    CAPTURE(rate);
    Model sparse({"AdamW", make}, tg::Dtype::float64);
    Model dense({"AdamW", make}, tg::Dtype::float64);
    Touches touches(25);
    for (int i = 0; i < 2000; ++i) {
      for (Model* model : {&sparse, &dense})
        model->optimizer().set_learning_rate(i == 700 || i == 1500 ? rate : 0.5);
      const HandMade gradient = touches.next();
      sparse.update(gradient);
      dense.update_dense(gradient);
    }
    CHECK(distance(dense.table().value(), sparse.table().value()) <= 1e-12);
  }
}

TEST_CASE("gradients that do not fit are told, and then nothing has moved") {
  tg::Parameters parameters(1);
  tg::Parameters others(1);
  tg::Parameter& table = parameters.add("table", {3, 2}, uniform());
  tg::Parameter& last = parameters.add("last", {2}, uniform());
  tg::Parameter& foreign = others.add("table", {3, 2}, uniform());
  const tg::Array before = table.value();
  const HandMade good{.parameter = &table, .values = {1, 2, 3, 4, 5, 6}};
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    const auto optimizer = rule.make();
    const auto update = [&](tg::Parameters& of, const std::vector<HandMade>& parts,
                            tg::Dtype dtype) {
      return thrown([&] { optimizer->update(of, gradients_of(parts, dtype)); });
    };
    const HandMade alien{.parameter = &foreign, .values = good.values};
    CHECK(holds(update(parameters, {good, alien}, tg::Dtype::float32),
                "ValueError: parameter table belongs to another"));
    CHECK(holds(update(parameters, {good}, tg::Dtype::float64),
                "ValueError: parameter table is float32, its gradient float64"));
    CHECK(table.value() == before);
    CHECK(optimizer->steps() == 0);
    CHECK(update(parameters, {{.parameter = &last, .values = {0, 0}}}, tg::Dtype::float32) ==
          "nothing");
    CHECK(holds(update(others, {alien}, tg::Dtype::float32),
                "ValueError: an optimizer serves one set of parameters, got a second"));
    CHECK(optimizer->steps() == 1);
  }
}

TEST_CASE("a state that does not fit is told") {
  Model model({"Adam", [] { return std::make_unique<Adam>(); }}, tg::Dtype::float32);
  model.update(Touches(26).next());
  const auto good = model.optimizer().state(model.parameters());
  CHECK(good.contains("steps"));
  CHECK(good.contains("table.first_moment"));
  CHECK(good.contains("table.second_moment"));
  const auto restoring = [&](const std::map<std::string, tg::Array>& state) {
    Model fresh({"Adam", [] { return std::make_unique<Adam>(); }}, tg::Dtype::float32);
    return thrown([&] { fresh.optimizer().restore(fresh.parameters(), state); });
  };
  CHECK(restoring(good) == "nothing");
  auto bad = good;
  bad.emplace("nonsense", tg::Array());
  CHECK(holds(restoring(bad),
              "ValueError: an optimizer's state is named PARAMETER.ARRAY, got nonsense"));
  bad = good;
  bad.emplace("chair.first_moment", tg::Array());
  CHECK(holds(restoring(bad), "ValueError: there is no parameter chair"));
  bad = good;
  bad.erase("table.second_moment");
  CHECK(holds(restoring(bad), "ValueError: the optimizer's state of table lacks second_moment"));
  bad = good;
  bad["table.first_moment"] = tg::Array({5, 24});
  CHECK(holds(restoring(bad),
              "ValueError: the optimizer's first_moment of table has shape [5, 24] of float32, "
              "expected [24, 5] of float32"));
  for (const char* name : {"table.last", "table.base", "table.rates"}) {
    CAPTURE(name);
    bad = good;
    bad[name] = tg::Array({2});
    CHECK(holds(restoring(bad), std::string("the optimizer's ") + (name + 6) + " of table has"));
  }
}

TEST_CASE(
    "a state that is incomplete or damaged is refused for every optimizer, and changes nothing") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Model model(rule, tg::Dtype::float32);
    model.parameters().add("untouched", {2}, uniform());
    ExponentialMovingAverage average(model.parameters(), {.decay = 0.9});
    Touches touches(27);
    const auto train = [&](int steps) {
      for (int i = 0; i < steps; ++i) {
        model.update(touches.next());
        average.update(model.parameters());
      }
    };
    train(30);
    const auto good = model.optimizer().state(model.parameters());
    train(30);
    const tg::Array weights = model.table().value();
    const auto before = model.optimizer().state(model.parameters());
    const auto refused = [&](const std::map<std::string, tg::Array>& state) {
      const std::string told =
          thrown([&] { model.optimizer().restore(model.parameters(), state); });
      CHECK(holds(told, "ValueError: "));
      CHECK(model.table().value() == weights);
      CHECK(model.optimizer().state(model.parameters()) == before);
    };
    for (const auto& [name, array] : good) {
      const std::string missing = name;  // Clang 14 does not capture structured bindings
      CAPTURE(missing);
      auto bad = good;
      bad.erase(name);
      refused(bad);
      for (const tg::Array& other :
           {tg::Array({3, 7}), array.to(tg::Dtype::int32), tg::Array({0}, array.dtype())}) {
        if (other == array) continue;
        bad = good;
        bad[name] = other;
        refused(bad);
      }
    }
    auto more = good;
    more.emplace("table.surplus", tg::Array());
    refused(more);
    CHECK(thrown([&] { model.optimizer().restore(model.parameters(), good); }) == "nothing");
    CHECK(model.optimizer().state(model.parameters()) == good);
  }
}

TEST_CASE("gradients of another size, and groups' factors that are no numbers, are refused") {
  tg::Parameters parameters(1);
  tg::Parameter& table = parameters.add("table", {3, 2}, uniform());
  const tg::Array before = table.value();
  Adam adam;
  for (const HandMade& bad :
       {HandMade{.parameter = &table, .values = {1, 2}},
        HandMade{.parameter = &table, .sparse = true, .rows = {3}, .values = {1, 2}},
        HandMade{.parameter = &table, .sparse = true, .rows = {-1}, .values = {1, 2}},
        HandMade{.parameter = &table, .sparse = true, .rows = {0, 1}, .values = {1, 2}}})
    CHECK(holds(thrown([&] { adam.update(parameters, gradients_of({bad}, tg::Dtype::float32)); }),
                "ValueError: the gradient of parameter table of shape [3, 2] has"));
  CHECK(table.value() == before);
  CHECK(adam.steps() == 0);
  for (const double bad : {-1.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK(holds(thrown([&] { adam.set_group_factor("tower", bad); }),
                "ValueError: the factor of group tower"));
}

TEST_CASE("parameters that are gone, or hold another array, are told before anything moves") {
  std::optional<tg::Parameters> parameters(std::in_place, 1);
  tg::Parameter& weight = parameters->add("weight", {2}, uniform());
  parameters->add("other", {2}, uniform());
  Adam adam;
  ExponentialMovingAverage average(*parameters, {.decay = 0.9});
  tg::Tape tape;
  const tg::Gradients gradients = tg::backward(tg::sum(tape(weight)));
  weight.mutable_value() = tg::Array({3});
  const std::string replaced = "ShapeError: parameter weight is [2] of float32, but an array [3]";
  CHECK(holds(thrown([&] { adam.update(*parameters, gradients); }), replaced));
  CHECK(holds(thrown([&] { average.update(*parameters); }), replaced));
  CHECK(adam.steps() == 0);
  CHECK(average.steps() == 0);
  parameters.reset();
  tg::Parameters others(2);
  CHECK(holds(thrown([&] { adam.update(others, gradients); }),
              "ValueError: the gradients are of parameters that are gone"));
}

TEST_CASE("schedules refuse factors and schedules that make no sense") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-0.5, nan}) {
    CHECK(holds(thrown([&] { (void)step_schedule(0.1, 2, bad); }),
                "ValueError: a schedule's factor"));
    CHECK(holds(thrown([&] { (void)exponential_schedule(0.1, bad); }),
                "ValueError: a schedule's factor"));
  }
  CHECK(holds(thrown([] { (void)warm_up(3, Schedule()); }),
              "ValueError: warm_up: the schedule that comes after is an empty"));
}

TEST_CASE("options out of range are told") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-0.1, 1.0, nan}) {
    CAPTURE(bad);
    CHECK(holds(thrown([&] { Sgd({.momentum = bad}); }),
                "ValueError: Sgd needs a momentum within [0, 1)"));
    CHECK(
        holds(thrown([&] { Adam({.beta1 = bad}); }), "ValueError: Adam needs betas within [0, 1)"));
    CHECK(
        holds(thrown([&] { Adam({.beta2 = bad}); }), "ValueError: Adam needs betas within [0, 1)"));
    CHECK(holds(thrown([&] { AdamW({.beta2 = bad}); }),
                "ValueError: Adam needs betas within [0, 1)"));
  }
  for (const double bad : {-0.1, nan}) {
    CAPTURE(bad);
    CHECK(holds(thrown([&] { Adam({.epsilon = bad}); }), "ValueError: Adam needs betas"));
    CHECK(holds(thrown([&] { Adagrad({.epsilon = bad}); }),
                "ValueError: Adagrad needs a non-negative epsilon"));
    CHECK(holds(thrown([&] { Adagrad({.initial_accumulator = bad}); }),
                "ValueError: Adagrad needs a non-negative epsilon and accumulator"));
  }
  CHECK(holds(thrown([] { Sgd({.nesterov = true}); }),
              "ValueError: Nesterov's momentum needs a momentum"));
}

TEST_CASE("a set of parameters that lies where another one lay is another one") {
  tg::optim::Adam adam({.learning_rate = 0.1});
  tg::Tape tape;
  std::optional<tg::Parameters> parameters;
  for (const tg::Index size : {2, 3}) {
    tape.clear();
    tg::Parameter& weight =
        parameters.emplace(1).add("weight", {size}, [](tg::Array&, tg::Random&) {});
    const tg::Gradients gradients = tg::backward(tg::sum(tg::square(tape(weight))));
    if (size == 2)
      adam.update(*parameters, gradients);
    else
      CHECK(holds(thrown([&] { adam.update(*parameters, gradients); }),
                  "an optimizer serves one set of parameters"));
  }
}
