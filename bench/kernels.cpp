#include "kernels.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/random.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/ops/operations.h>

namespace bench {
namespace {

namespace tg = tapegrad;

constexpr tg::Index rows = 64, columns = 256;  // a matrix of a tensor stays in the second cache
constexpr int runs = 20;

using Body = std::function<tg::Tensor(tg::Tape&, const tg::Parameters&)>;

// Whose outputs are small.
const std::set<std::string> reductions{"norm", "logsumexp", "softmax_cross_entropy",
                                       "mean_squared_error"};

struct Timing {
  double nanoseconds = 1e300;  // an element, of the fastest run
};
using Timings = std::map<std::string, Timing>;

// Adds the fastest time of each operation of the loss and of its gradient. Operations that others
// are timed with, such as sums, are in several bodies: the fastest counts.
void time_body(const Body& body, Timings& timings) {
  tg::Parameters parameters(5);
  const tg::Initialiser spread = [](tg::Array& array, tg::Random& random) {
    for (float& x : array.values<float>()) x = static_cast<float>(random.uniform(0.1, 2.0));
  };
  parameters.add("x", {rows, columns}, spread);
  parameters.add("y", {rows, columns}, spread);
  parameters.add("z", {rows, columns}, spread);
  tg::Tape tape({.threads = 1, .profile = true, .batching = false, .fusion = false});
  for (int run = 0; run < runs; ++run) {
    tape.clear();
    const tg::Tensor loss = tg::sum(body(tape, parameters));
    (void)tg::backward(loss);
    for (const tg::TimedInstruction& timed : tape.runner().recording_times()) {
      if (timed.label->copies) continue;
      // Sums of sums are short; reductions read a whole matrix.
      const std::string name(timed.label->operation->name);
      tg::Index elements = timed.label->type->shape.size();
      if (reductions.contains(name)) elements = rows * columns;
      if (elements < rows * columns / 8) continue;
      Timing& timing = timings[name];
      timing.nanoseconds = std::min(
          timing.nanoseconds, (timed.end - timed.begin) * 1e9 / static_cast<double>(elements));
    }
  }
}

std::vector<Body> bodies() {
  std::vector<Body> all;
  const auto unary = [&](tg::Tensor (*function)(const tg::Located&)) {
    all.push_back(
        [function](tg::Tape& t, const tg::Parameters& p) { return function(t(p.at("x"))); });
  };
  for (const auto function : {tg::exp, tg::log, tg::log1p, tg::sqrt, tg::rsqrt, tg::abs, tg::sign,
                              tg::square, tg::reciprocal, tg::sin, tg::cos, tg::erf, tg::sigmoid,
                              tg::tanh, tg::relu, tg::gelu, tg::silu, tg::softplus, tg::negate}) {
    unary(function);
  }
  const auto add =
      [&](std::function<tg::Tensor(const tg::Tensor&, const tg::Tensor&, const tg::Tensor&)>
              function) {
        all.push_back([function](tg::Tape& t, const tg::Parameters& p) {
          return function(t(p.at("x")), t(p.at("y")), t(p.at("z")));
        });
      };
  using T = const tg::Tensor&;
  add([](T x, T, T) { return tg::leaky_relu(x); });
  add([](T x, T, T) { return tg::elu(tg::negate(x)); });
  add([](T x, T, T) { return tg::clamp(x, 0.5, 1.0); });
  add([](T x, T, T) { return tg::power(x, 1.5); });
  add([](T x, T y, T) { return x + y; });
  add([](T x, T y, T) { return x - y; });
  add([](T x, T y, T) { return x * y; });
  add([](T x, T y, T) { return x / y; });
  add([](T x, T y, T) { return tg::maximum(x, y); });
  add([](T x, T y, T) { return tg::minimum(x, y); });
  add([](T x, T y, T z) { return tg::where(tg::greater(x, y), x, z); });
  add([](T x, T y, T) { return tg::binary_cross_entropy_with_logits(x, y, tg::Reduction::none); });
  add([](T x, T y, T) { return tg::huber(x, y, 0.5, tg::Reduction::none); });
  add([](T x, T y, T) { return tg::mean_squared_error(x, y); });
  add([](T x, T, T) { return tg::softmax(x) * x; });
  add([](T x, T, T) { return tg::log_softmax(x) * x; });
  add([](T x, T y, T) { return tg::masked_softmax(x, y) * x; });
  add([](T x, T, T) { return tg::logsumexp(x); });
  add([](T x, T, T) { return tg::layer_norm(x) * x; });
  add([](T x, T, T) { return tg::norm(x, {1}); });
  add([](T x, T, T) { return tg::sum(x, {0}); });
  add([](T x, T, T) { return tg::cumsum(x); });
  add([](T x, T, T) { return tg::dropout(x, 0.5); });
  add([](T x, T, T) {
    const std::vector<tg::Index> classes(rows, 3);
    return tg::softmax_cross_entropy(x, x.tape().ids(classes));
  });
  add([](T x, T y, T) {
    const tg::LstmState state = tg::lstm_cell(x, tg::slice(y, 1, 0, columns / 4));
    return state.hidden * state.cell;
  });
  add([](T x, T y, T z) {
    constexpr tg::Index width = columns / 4;
    return tg::gru_cell(tg::slice(x, 1, 0, 3 * width), tg::slice(y, 1, 0, 3 * width),
                        tg::slice(z, 1, 0, width));
  });
  add([](T x, T, T) {
    return tg::max_pool2d(tg::reshape(x, {1, rows / 2, 2 * columns / 16, 16}));
  });
  add([](T x, T, T) {
    return tg::avg_pool2d(tg::reshape(x, {1, rows / 2, 2 * columns / 16, 16}));
  });
  return all;
}

}  // namespace

int print_kernels(double limit) {
  Timings timings;
  for (const Body& body : bodies()) time_body(body, timings);
  const double unit = timings.at("exp").nanoseconds;
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, timing] : timings) order.emplace_back(-timing.nanoseconds, name);
  std::ranges::sort(order);
  int slow = 0;
  fmt::print("{:<44}{:>12}{:>12}\n", "kernel", "ns/element", "ratio");
  for (const auto& [negative, name] : order) {
    const double ratio = -negative / unit;
    slow += ratio > limit ? 1 : 0;
    fmt::print("{:<44}{:>12.3f}{:>12.2f}{}\n", name, -negative, ratio,
               ratio > limit ? "   far off" : "");
  }
  fmt::print("{} of {} kernels take more than {} times as long an element as exp\n", slow,
             order.size(), limit);
  return slow;
}

}  // namespace bench
