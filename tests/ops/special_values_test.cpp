// Zeros, denormal, tiny, huge and infinite numbers and NaN through every elementwise function, and
// what is not chosen through every operation that can be infinite.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <tapegrad/graph/differentiate.h>

#include "elementwise_accuracy.h"

namespace {

namespace tg = tapegrad;
using namespace ops_test;

template <class T>
int check_function(const ElementwiseFunction& function, const char* type) {
  std::vector<T> points = special_values<T>();
  const std::vector<T> everyday = everyday_values<T>(4000, 17);
  points.insert(points.end(), everyday.begin(), everyday.end());
  const FunctionAccuracy found = measure<T>(function, points);
  const bool single = sizeof(T) == 4;
  const auto check = [&](const char* what, const Accuracy& accuracy, const Bound& bound) {
    const std::string name = fmt::format("{} of {}, {}", what, function.name, type);
    CAPTURE(name);
    for (const std::string& wrong : accuracy.wrong) CHECK_MESSAGE(false, wrong);
    CAPTURE(accuracy.worst_at);
    CHECK(accuracy.worst <= (single ? bound.single : bound.wide));
  };
  check("value", found.value, function.value_bound);
  check("gradient", found.gradient, function.gradient_bound);
  return found.value.cells + found.gradient.cells;
}

// Functions of two inputs, with their derivatives with respect to each.
struct BinaryFunction {
  const char* name;
  tg::Tensor (*apply)(const tg::Tensor&, const tg::Tensor&);
  Real (*value)(Real, Real);
};

std::vector<BinaryFunction> binary_functions() {
  using T = const tg::Tensor&;
  return {
      {"add", [](T x, T y) { return tg::add(x, y); }, [](Real x, Real y) { return x + y; }},
      {"subtract", [](T x, T y) { return tg::subtract(x, y); },
       [](Real x, Real y) { return x - y; }},
      {"multiply", [](T x, T y) { return tg::multiply(x, y); },
       [](Real x, Real y) { return x * y; }},
      {"divide", [](T x, T y) { return tg::divide(x, y); }, [](Real x, Real y) { return x / y; }},
      {"power", [](T x, T y) { return tg::power(x, y); },
       [](Real x, Real y) { return std::pow(x, y); }},
      {"maximum", [](T x, T y) { return tg::maximum(x, y); },
       [](Real x, Real y) { return std::isnan(x) || std::isnan(y) ? x + y : std::max(x, y); }},
      {"minimum", [](T x, T y) { return tg::minimum(x, y); },
       [](Real x, Real y) { return std::isnan(x) || std::isnan(y) ? x + y : std::min(x, y); }},
      {"guarded_product", [](T x, T y) { return tg::guarded_product(x, y); },
       [](Real x, Real y) { return x == 0 ? Real{0} : x * y; }},
      {"guarded_quotient", [](T x, T y) { return tg::guarded_quotient(x, y); },
       [](Real x, Real y) { return x == 0 ? Real{0} : x / y; }},
      {"binary_cross_entropy_with_logits",
       [](T x, T y) { return tg::binary_cross_entropy_with_logits(x, y, tg::Reduction::none); },
       [](Real x, Real y) {
         const Real share = x > 0 ? 1 - y : y;
         return (share == 0 ? Real{0} : share * std::abs(x)) + std::log1p(std::exp(-std::abs(x)));
       }}};
}

// Functions of one input for what must not poison: those of the table, and more that are infinite
// or NaN somewhere.
struct Poison {
  std::string name;
  std::function<tg::Tensor(const tg::Tensor&)> apply;  // [n] → [n]
};

std::vector<Poison> poisons() {
  std::vector<Poison> all;
  for (const ElementwiseFunction& function : elementwise_functions())
    all.push_back({std::string(function.name), function.apply});
  const auto add = [&](std::string name, std::function<tg::Tensor(const tg::Tensor&)> apply) {
    all.push_back({std::move(name), std::move(apply)});
  };
  add("multiply by itself", [](const tg::Tensor& x) { return x * x; });
  add("divide by itself", [](const tg::Tensor& x) { return x / x; });
  add("1 / x", [](const tg::Tensor& x) { return 1.0 / x; });
  add("power of itself", [](const tg::Tensor& x) { return tg::power(x, x); });
  add("maximum", [](const tg::Tensor& x) { return tg::maximum(x, 0.5 * x); });
  add("minimum", [](const tg::Tensor& x) { return tg::minimum(x, 0.5 * x); });
  add("huber", [](const tg::Tensor& x) { return tg::huber(x, 0.0 * x, 1.0, tg::Reduction::none); });
  add("squared error",
      [](const tg::Tensor& x) { return tg::mean_squared_error(x, 0.5 * x, tg::Reduction::none); });
  add("binary cross-entropy", [](const tg::Tensor& x) {
    return tg::binary_cross_entropy_with_logits(x, 0.5 * x, tg::Reduction::none);
  });
  add("bpr", [](const tg::Tensor& x) { return tg::bpr(x, 0.5 * x, tg::Reduction::none); });
  add("dropout", [](const tg::Tensor& x) { return tg::dropout(x, 0.5); });
  // Each element a row of two.
  const auto rows = [](const tg::Tensor& x) {
    const tg::Index n = x.shape().size();
    return tg::concatenate({tg::reshape(x, {n, 1}), tg::reshape(0.5 * x, {n, 1})}, 1);
  };
  const auto first = [](const tg::Tensor& y) { return tg::reshape(tg::slice(y, 1, 0, 1), {-1}); };
  add("softmax", [=](const tg::Tensor& x) { return first(tg::softmax(rows(x))); });
  add("log_softmax", [=](const tg::Tensor& x) { return first(tg::log_softmax(rows(x))); });
  add("logsumexp", [=](const tg::Tensor& x) { return tg::logsumexp(rows(x)); });
  add("norm", [=](const tg::Tensor& x) { return tg::norm(rows(x), {1}); });
  add("prod", [=](const tg::Tensor& x) { return tg::prod(rows(x), 1); });
  add("layer_norm", [=](const tg::Tensor& x) { return first(tg::layer_norm(rows(x))); });
  add("max", [=](const tg::Tensor& x) { return tg::max(rows(x)); });
  add("cumsum", [=](const tg::Tensor& x) { return first(tg::cumsum(rows(x))); });
  add("cross-entropy", [=](const tg::Tensor& x) {
    const std::vector<tg::Index> classes(static_cast<std::size_t>(x.shape().size()), 0);
    return tg::softmax_cross_entropy(rows(x), x.tape().ids(classes),
                                     {.reduction = tg::Reduction::none});
  });
  add("lstm_cell", [=](const tg::Tensor& x) {
    const tg::Tensor pair = rows(x), column = tg::slice(pair, 1, 0, 1);
    return first(tg::lstm_cell(tg::concatenate({pair, pair}, 1), column).cell);
  });
  add("gru_cell", [=](const tg::Tensor& x) {
    const tg::Tensor pair = rows(x), column = tg::slice(pair, 1, 0, 1),
                     sums = tg::concatenate({pair, column}, 1);
    return first(tg::gru_cell(sums, sums, column));
  });
  return all;
}

}  // namespace

TEST_CASE("elementwise functions keep their error bounds, and are right at special values") {
  int cells = 0;
  for (const ElementwiseFunction& function : elementwise_functions()) {
    cells += check_function<float>(function, "float32");
    cells += check_function<double>(function, "float64");
  }
  MESSAGE("walked " << elementwise_functions().size() << " functions, " << cells
                    << " function × value × type cells");
}

TEST_CASE_TEMPLATE("elementwise functions of two inputs are right at all pairs of special values",
                   T, float, double) {
  const std::vector<T> special = special_values<T>();
  std::vector<T> left, right;
  for (const T x : special) {
    for (const T y : special) {
      left.push_back(x);
      right.push_back(y);
    }
  }
  const auto count = static_cast<tg::Index>(left.size());
  for (const BinaryFunction& function : binary_functions()) {
    tg::Tape tape({.dtype = tg::dtype_of<T>});
    const tg::Tensor x = tape.input(std::span<const T>(left), {count}),
                     y = tape.input(std::span<const T>(right), {count});
    const tg::Tensor z = function.apply(x, y);
    const auto values = z.template values<T>();
    Accuracy accuracy;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const Real a = static_cast<Real>(flushed(left[i])), b = static_cast<Real>(flushed(right[i]));
      compare(accuracy, left[i], values[i], function.value(a, b), Real{0});
    }
    CAPTURE(std::string(function.name));
    CAPTURE(accuracy.worst_at);
    for (const std::string& wrong : accuracy.wrong) CHECK_MESSAGE(false, wrong);
    CHECK(accuracy.worst <= 4.0);
  }
}

TEST_CASE(
    "the gradients of maximum and minimum go to what was chosen, and are NaN for a NaN alone") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  const std::vector<double> left{1, 2, 1, nan, 1, nan, infinity, -infinity, infinity},
      right{2, 1, 1, 1, nan, nan, 1, 1, infinity};
  const auto slopes = [&](bool largest) {
    tg::Tape tape({.dtype = tg::Dtype::float64});
    const tg::Index count = static_cast<tg::Index>(left.size());
    const tg::Tensor x = tape.input(left, {count}), y = tape.input(right, {count});
    const tg::Tensor targets[] = {x, y};
    const auto found =
        tg::gradients(tg::sum(largest ? tg::maximum(x, y) : tg::minimum(x, y)), targets);
    return std::pair(found[0].copy(), found[1].copy());
  };
  const auto check = [&](const tg::Array& got, const std::vector<double>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      const double value = got.at(static_cast<tg::Index>(i));
      CHECK((std::isnan(expected[i]) ? std::isnan(value) : value == expected[i]));
    }
  };
  const auto [larger_x, larger_y] = slopes(true);
  check(larger_x, {0, 1, 1, nan, 0, nan, 1, 0, 1});
  check(larger_y, {1, 0, 0, 0, nan, nan, 0, 1, 0});
  const auto [smaller_x, smaller_y] = slopes(false);
  check(smaller_x, {1, 0, 1, nan, 0, nan, 0, 1, 1});
  check(smaller_y, {0, 1, 0, 0, nan, nan, 1, 0, 0});
}

TEST_CASE_TEMPLATE(
    "what where() does not choose poisons no gradient, to third order, nor a Jacobian-vector "
    "product",
    T, float, double) {
  std::vector<T> points = special_values<T>();
  for (const T x : {T{-4}, T{100}, T{1000}, T{-1000}}) points.push_back(x);
  const auto count = static_cast<tg::Index>(points.size());
  int cells = 0;
  for (const Poison& poison : poisons()) {
    CAPTURE(poison.name);
    tg::Tape tape({.dtype = tg::dtype_of<T>});
    const tg::Tensor x = tape.input(std::span<const T>(points), {count});
    const tg::Tensor never = tape.full({count}, 0.0);
    const tg::Tensor y = tg::where(never, poison.apply(x), 2.0 * x);
    const tg::Tensor first = tg::gradient(tg::sum(y), x);
    const tg::Tensor targets[] = {x};
    const tg::Tensor second = tg::gradients(tg::sum(first), targets, tg::Unreached::zero)[0];
    const tg::Tensor third = tg::gradients(tg::sum(second), targets, tg::Unreached::zero)[0];
    const tg::Tensor tangents[] = {tape.full({count}, 3.0)};
    const tg::Tensor along = tg::jacobian_vector_product(y, targets, tangents);
    const struct {
      const char* name;
      tg::Tensor tensor;
      T expected;
    } checks[] = {{"first order", first, T{2}},
                  {"second order", second, T{0}},
                  {"third order", third, T{0}},
                  {"Jacobian-vector product", along, T{6}}};
    for (const auto& one : checks) {
      CAPTURE(std::string(one.name));
      const auto values = one.tensor.template values<T>();
      for (std::size_t i = 0; i < points.size(); ++i) {
        ++cells;
        CAPTURE(points[i]);
        CHECK(values[i] == one.expected);
      }
    }
  }
  MESSAGE("walked " << poisons().size() << " operations, " << cells
                    << " operation × value × order cells");
}

TEST_CASE("gradients that the formulas of a chosen branch would make NaN are right") {
  tg::Tape tape({.dtype = tg::Dtype::float64});
  const double infinity = std::numeric_limits<double>::infinity();
  const auto one = [&](double value) { return tape.input(std::vector<double>{value}, {1}); };
  {
    const tg::Tensor a = one(100.0);
    CHECK(
        tg::gradient(tg::sum(tg::where(tg::less_equal(a, 0.0 * a), tg::exp(a * 10.0), a + 1.0)), a)
            .item() == 1.0);
  }
  {
    const tg::Tensor x = one(0.0);
    const tg::Tensor first = tg::gradient(tg::sum(tg::exp(tg::negate(tg::power(x, 2.0)))), x);
    const tg::Tensor second = tg::gradient(tg::sum(first), x);
    const tg::Tensor third = tg::gradient(tg::sum(second), x);
    const tg::Tensor fourth = tg::gradient(tg::sum(third), x);
    CHECK(first.item() == 0.0);
    CHECK(second.item() == -2.0);
    CHECK(third.item() == 0.0);
    CHECK(fourth.item() == 12.0);
  }
  {
    const tg::Tensor x = tape.input(std::vector<double>{-infinity, -infinity}, {1, 2});
    const tg::Tensor y = tg::logsumexp(x);
    CHECK(y.item() == -infinity);
    const tg::Array slope = tg::gradient(tg::sum(y), x).copy();
    CHECK(slope.at(0) == 0.0);
    CHECK(slope.at(1) == 0.0);
  }
  {
    const tg::Tensor x = tape.input(std::vector<double>{infinity, 1.0}, {1, 2});
    CHECK(tg::logsumexp(x).item() == infinity);
  }
}

TEST_CASE("NaN in a row gives NaN, and a row that sees nothing does not") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const tg::Index width : {1, 2, 15, 16, 17, 200, 1000}) {
      for (const tg::Index place : {tg::Index{0}, width / 2, width - 1}) {
        CAPTURE(width);
        CAPTURE(place);
        tg::Tape tape({.dtype = dtype});
        std::vector<double> numbers(static_cast<std::size_t>(width), 0.5);
        numbers[static_cast<std::size_t>(place)] = nan;
        const tg::Tensor x = tape.input(numbers, {1, width});
        CHECK(std::isnan(tg::logsumexp(x).item()));
        CHECK(std::isnan(tg::sum(tg::softmax(x)).item()));
        CHECK(std::isnan(tg::sum(tg::log_softmax(x)).item()));
        CHECK(std::isnan(tg::norm(x).item()));
        CHECK(std::isnan(tg::max(x).item()));
        CHECK(std::isnan(tg::min(x).item()));
        CHECK(std::isnan(tg::sum(tg::layer_norm(x)).item()));
        CHECK(std::isnan(tg::softmax_cross_entropy(x, tape.ids(std::vector<tg::Index>{0})).item()));
      }
    }
    tg::Tape tape({.dtype = dtype});
    const tg::Tensor key = tape.input(std::vector<double>{1, 2, 3, 4}, {1, 2, 2});
    const tg::Tensor query = tape.input(std::vector<double>{nan, 1}, {1, 1, 2});
    CHECK(std::isnan(tg::sum(tg::attention(query, key, key)).item()));
    const tg::Tensor mask = tape.input(std::vector<double>{0, 0}, {1, 2});
    CHECK(tg::sum(tg::attention(tape.input(std::vector<double>{1, 1}, {1, 1, 2}), key, key,
                                {.mask = mask}))
              .item() == 0.0);
  }
}

TEST_CASE(
    "what attention hides by its mask, or does not use, poisons neither the results nor the "
    "gradients of the rest") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(),
                   infinity = std::numeric_limits<double>::infinity();
  constexpr tg::Index length = 70, width = 6, hidden = 41;  // more rows than a block has
  const auto numbers = [](std::uint64_t seed, double at_hidden, bool replace) {
    tg::Random random(seed);
    std::vector<double> values;
    for (tg::Index i = 0; i < length * width; ++i) values.push_back(random.uniform(-1.0, 1.0));
    for (tg::Index c = 0; replace && c < width; c += 2)
      values[static_cast<std::size_t>(hidden * width + c)] = at_hidden;
    return values;
  };
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const bool causal : {false, true}) {
      for (const double special : {nan, infinity, -infinity}) {
        for (const bool in_keys : {false, true}) {
          CAPTURE(name_of(dtype));
          CAPTURE(causal);
          CAPTURE(special);
          CAPTURE(in_keys);
          std::vector<tg::Array> results[2];
          for (const bool poisoned : {false, true}) {
            tg::Tape tape({.dtype = dtype});
            const double value = poisoned ? special : 0.0;
            const tg::Tensor query = tape.input(numbers(1, 0.0, false), {1, length, width});
            const tg::Tensor key = tape.input(numbers(2, value, in_keys), {1, length, width});
            const tg::Tensor values = tape.input(numbers(3, value, !in_keys), {1, length, width});
            std::vector<double> allowed(length, 1.0);
            allowed[static_cast<std::size_t>(hidden)] = 0.0;
            tg::AttentionOptions options{.heads = 2, .causal = causal};
            // Causal: the rows before it do not see it, and of those behind nothing is used.
            if (!causal) options.mask = tape.input(allowed, {1, length});
            const tg::Tensor out = tg::attention(query, key, values, options);
            const tg::Tensor used = causal ? tg::slice(out, 1, 0, hidden) : out;
            const tg::Tensor loss = tg::sum(tg::square(used));
            results[poisoned].push_back(used.copy());
            const std::vector<tg::Tensor> inputs{query, key, values};
            for (const tg::Tensor& gradient : tg::gradients(loss, inputs))
              results[poisoned].push_back(gradient.copy());
          }
          for (std::size_t i = 0; i < 4; ++i) {
            CAPTURE(i);
            double worst = 0.0;
            for (tg::Index k = 0; k < results[0][i].size(); ++k) {
              const double error = std::abs(results[0][i].at(k) - results[1][i].at(k));
              worst = std::isnan(error) ? infinity : std::max(worst, error);
            }
            CHECK(worst <= (dtype == tg::Dtype::float32 ? 2e-6 : 4e-15));
          }
        }
      }
    }
  }
}
