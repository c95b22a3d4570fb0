// Walks the catalogue: every operation's cases, against finite differences and against itself run
// in other ways.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/graph/random.h>
#include <tapegrad/ops/catalogue.h>

namespace {

namespace tg = tapegrad;

bool sampled() { return std::getenv("TAPEGRAD_SAMPLED") != nullptr; }

// The inputs of a case as parameters, drawn from its domain.
void add_inputs(tg::Parameters& parameters, const tg::OperationCase& one) {
  for (std::size_t i = 0; i < one.inputs.size(); ++i) {
    parameters.add("input" + std::to_string(i), one.inputs[i],
                   [&](tg::Array& array, tg::Random& random) {
                     for (tg::Index j = 0; j < array.size(); ++j)
                       array.set(j, random.uniform(one.low, one.high));
                   });
  }
}

// A scalar whose gradient differs from element to element.
tg::Tensor weighted(const tg::Tensor& y) {
  tg::Random random(7);
  std::vector<double> weights(static_cast<std::size_t>(y.shape().size()));
  for (double& weight : weights) weight = random.uniform(0.5, 1.5);
  return tg::sum(y * y.tape().input(weights, y.shape()));
}

tg::Tensor apply(tg::Tape& tape, const tg::Parameters& parameters, const tg::OperationCase& one) {
  std::vector<tg::Tensor> inputs;
  for (const tg::Parameter& parameter : parameters) inputs.push_back(tape(parameter));
  return weighted(one.apply(inputs));
}

struct Outcome {
  tg::Array value;
  std::vector<tg::Array> gradients;
};

Outcome outcome(const tg::OperationCase& one, const tg::TapeOptions& options) {
  tg::Parameters parameters(3, options.dtype);
  add_inputs(parameters, one);
  tg::Tape tape(options);
  Outcome result;
  for (int step = 0; step < 2; ++step) {
    tape.clear();
    tape.set_step(0);
    const tg::Tensor loss = apply(tape, parameters, one);
    if (one.first_order) {
      const tg::Gradients gradients = tg::backward(loss);
      result.gradients.clear();
      for (const tg::Parameter& parameter : parameters)
        result.gradients.push_back(gradients.at_or_zero(parameter));
    }
    result.value = loss.copy();
  }
  return result;
}

double distance(const tg::Array& a, const tg::Array& b) {
  double worst = 0.0;
  for (tg::Index i = 0; i < a.size(); ++i) {
    const double x = a.at(i);
    const double y = b.at(i);
    if (!(x == y)) worst = std::max(worst, std::abs(x - y) / std::max(1.0, std::abs(x)));
  }
  return worst;
}

}  // namespace

TEST_CASE("every operation's gradients equal finite differences, first and second order") {
  int operations = 0;
  int cases = 0;
  for (const tg::Operation* operation : tg::catalogue()) {
    ++operations;
    if (operation->cases == nullptr) continue;
    int number = 0;
    for (const tg::OperationCase& one : operation->cases()) {
      ++cases;
      if (!one.first_order) continue;
      CAPTURE(std::string(operation->name));
      CAPTURE(one.name);
      tg::Parameters parameters(11);
      add_inputs(parameters, one);
      tg::GradcheckOptions options;
      options.second_order = one.second_order && (!sampled() || number++ % 3 == 0);
      const auto result = tg::gradcheck(
          parameters, [&](tg::Tape& tape) { return apply(tape, parameters, one); }, options);
      CHECK_MESSAGE(result.passed, result.worst);
    }
  }
  MESSAGE("walked " << operations << " operations, " << cases << " cases");
}

TEST_CASE(
    "every operation gives the same numbers planned, unbatched, unfused, without views and "
    "eagerly") {
  for (const tg::Operation* operation : tg::catalogue()) {
    if (operation->cases == nullptr) continue;
    for (const tg::OperationCase& one : operation->cases()) {
      for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
        CAPTURE(std::string(operation->name));
        CAPTURE(one.name);
        const double tolerance = dtype == tg::Dtype::float32 ? 2e-5 : 1e-12;
        const Outcome planned = outcome(one, {.dtype = dtype});
        const tg::TapeOptions others[] = {
            {.dtype = dtype, .batching = false},   {.dtype = dtype, .merging = false},
            {.dtype = dtype, .fusion = false},     {.dtype = dtype, .views = false},
            {.dtype = dtype, .plan_cache = false}, {.dtype = dtype, .eager = true}};
        for (const tg::TapeOptions& options : others) {
          const Outcome other = outcome(one, options);
          CAPTURE(&options - others);
          CHECK(distance(planned.value, other.value) <= tolerance);
          for (std::size_t i = 0; i < planned.gradients.size(); ++i)
            CHECK(distance(planned.gradients[i], other.gradients[i]) <= tolerance);
        }
      }
    }
  }
}
