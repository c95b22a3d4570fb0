// Long sums: every reduction, and every gradient that is one, stays within 16·2⁻²⁴·Σ|x| of the
// exact sum. Products of matrices add up to 1,024 terms in float, direct convolutions 2,048.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/random.h>
#include <tapegrad/ops/catalogue.h>

namespace {

namespace tg = tapegrad;

constexpr double bound = 16.0 / 16777216.0;

using Numbers = std::vector<float>;

double exact_sum(const Numbers& numbers) {
  long double sum = 0.0L;
  for (const float x : numbers) sum += static_cast<long double>(x);
  return static_cast<double>(sum);
}

double size_of_terms(const Numbers& numbers) {
  double sum = 0.0;
  for (const float x : numbers) sum += std::abs(static_cast<double>(x));
  return sum;
}

// A way to sum numbers: a tensor whose every element is Σ numbers times `factor`.
struct Way {
  std::string name;
  std::function<tg::Tensor(tg::Tape&, const Numbers&)> sum;
  double roundings = 16;
};

tg::Tensor column(tg::Tape& tape, const Numbers& numbers, tg::Index width) {
  const auto count = static_cast<tg::Index>(numbers.size());
  return tg::broadcast_to(tape.input(numbers, {count, 1}), {count, width});
}

tg::Index count_of(const Numbers& numbers) { return static_cast<tg::Index>(numbers.size()); }

std::vector<Way> ways() {
  std::vector<Way> all;
  const auto add = [&](std::string name, std::function<tg::Tensor(tg::Tape&, const Numbers&)> sum,
                       double roundings = 16) {
    all.push_back({std::move(name), std::move(sum), roundings});
  };
  add("sum of everything",
      [](tg::Tape& t, const Numbers& x) { return tg::sum(t.input(x, {count_of(x)})); });
  add("sum of the last axis", [](tg::Tape& t, const Numbers& x) {
    return tg::sum(t.input(x, {1, count_of(x)}), {1});
  });
  add("sum of the first axis",
      [](tg::Tape& t, const Numbers& x) { return tg::sum(column(t, x, 3), {0}); });
  add("sum of a wide first axis",
      [](tg::Tape& t, const Numbers& x) { return tg::sum(column(t, x, 300), {0}); });
  add("sum of a middle axis", [](tg::Tape& t, const Numbers& x) {
    return tg::sum(tg::reshape(column(t, x, 2), {1, count_of(x), 2}), {1});
  });
  add(
      "mean",
      [](tg::Tape& t, const Numbers& x) {
        return tg::mean(t.input(x, {count_of(x)})) * static_cast<double>(x.size());
      },
      20);
  add("cumsum", [](tg::Tape& t, const Numbers& x) {
    return tg::slice(tg::cumsum(t.input(x, {count_of(x)})), 0, count_of(x) - 1, count_of(x));
  });
  add("dot product with ones", [](tg::Tape& t, const Numbers& x) {
    return tg::dot(t.input(x, {count_of(x)}), t.full({count_of(x)}, 1.0));
  });
  add("gradient of a bias", [](tg::Tape& t, const Numbers& x) {
    const tg::Tensor bias = t.full({3}, 1.0);
    return tg::gradient(tg::sum(column(t, x, 3) * (t.full({count_of(x), 3}, 1.0) + bias)), bias);
  });
  add("gradient of a scalar", [](tg::Tape& t, const Numbers& x) {
    const tg::Tensor scale = t.constant(1.0);
    return tg::gradient(tg::sum(t.input(x, {count_of(x)}) * scale), scale);
  });
  add("gradient of a broadcast column", [](tg::Tape& t, const Numbers& x) {
    const tg::Tensor one = t.full({2, 1}, 1.0);
    return tg::gradient(tg::sum(one * t.input(x, {count_of(x)})), one);
  });
  add("gradient of gathered rows", [](tg::Tape& t, const Numbers& x) {
    const tg::Tensor table = t.full({3, 2}, 1.0);
    const std::vector<tg::Index> ids(x.size(), 1);
    const tg::Tensor slope =
        tg::gradient(tg::sum(column(t, x, 2) * tg::gather_rows(table, t.ids(ids))), table);
    return tg::slice(slope, 0, 1, 2);
  });
  add("gradient of elements taken along an axis", [](tg::Tape& t, const Numbers& x) {
    const tg::Tensor table = t.full({1, 3}, 1.0);
    const std::vector<tg::Index> ids(x.size(), 1);
    const tg::Tensor taken = tg::take_along_axis(table, t.ids(ids, {1, count_of(x)}));
    return tg::slice(tg::gradient(tg::sum(t.input(x, {1, count_of(x)}) * taken), table), 1, 1, 2);
  });
  add(
      "gradient of a tensor that is used again and again",
      [](tg::Tape& t, const Numbers& x) {
        const std::size_t used = std::min<std::size_t>(x.size(), 3000);
        const tg::Tensor y = t.full({2}, 1.0);
        std::vector<tg::Tensor> parts;
        for (std::size_t i = 0; i < used; ++i) parts.push_back(y * static_cast<double>(x[i]));
        for (std::size_t i = used; i < x.size(); i += 100000)  // the rest by hand, in few parts
          parts.push_back(y * exact_sum(Numbers(x.begin() + static_cast<std::ptrdiff_t>(i),
                                                x.begin() + static_cast<std::ptrdiff_t>(
                                                                std::min(x.size(), i + 100000)))));
        return tg::gradient(tg::sum(tg::concatenate(parts, 0)), y);
      },
      20);
  add(
      "product with ones",
      [](tg::Tape& t, const Numbers& x) {
        return tg::matmul(t.input(x, {1, count_of(x)}), t.full({count_of(x), 2}, 1.0));
      },
      1024);
  add(
      "mean squared error",
      [](tg::Tape& t, const Numbers& x) {
        Numbers roots;
        for (const float value : x) roots.push_back(std::sqrt(std::abs(value)));
        const tg::Tensor zeros = t.full({count_of(x)}, 0.0);
        return tg::mean_squared_error(t.input(roots, {count_of(x)}), zeros) *
               static_cast<double>(x.size());
      },
      20);
  add(
      "square of a norm",
      [](tg::Tape& t, const Numbers& x) {
        Numbers roots;
        for (const float value : x) roots.push_back(std::sqrt(std::abs(value)));
        return tg::square(tg::norm(t.input(roots, {count_of(x)})));
      },
      20);
  return all;
}

void check_ways(const Numbers& numbers) {
  const double exact = exact_sum(numbers), rounding = size_of_terms(numbers) / 16777216.0;
  for (const Way& way : ways()) {
    CAPTURE(way.name);
    tg::Tape tape;
    const tg::Array found = way.sum(tape, numbers).copy();
    for (tg::Index i = 0; i < found.size(); ++i)
      CHECK(std::abs(found.at(i) - exact) <= way.roundings * rounding);
  }
}

}  // namespace

TEST_CASE("sums of every length are within 16 roundings of the exact sum, whatever sums them") {
  for (const tg::Index count :
       {1, 2, 15, 16, 17, 31, 191, 192, 193, 255, 256, 257, 1023, 1025, 4099, 100003}) {
    CAPTURE(count);
    check_ways(Numbers(static_cast<std::size_t>(count), 0.1F));
    tg::Random random(static_cast<std::uint64_t>(count));
    Numbers positive(static_cast<std::size_t>(count));
    for (float& x : positive) x = random.uniform() + 0.5F;
    check_ways(positive);
  }
}

TEST_CASE("sums that cancel are within 16 roundings of their terms") {
  for (const tg::Index count : {100, 1000, 100000}) {
    tg::Random random(static_cast<std::uint64_t>(count) + 5);
    CAPTURE(count);
    Numbers numbers(static_cast<std::size_t>(count));
    for (float& x : numbers) x = static_cast<float>(random.normal());
    const double exact = exact_sum(numbers), allowed = bound * size_of_terms(numbers);
    tg::Tape tape;
    CHECK(std::abs(tg::sum(tape.input(numbers, {count})).item() - exact) <= allowed);
    CHECK(std::abs(tg::sum(column(tape, numbers, 1), {0}).item() - exact) <= allowed);
    CHECK(std::abs(tg::matmul(tape.input(numbers, {1, count}), tape.full({count, 1}, 1.0)).item() -
                   exact) <= allowed);
  }
}

TEST_CASE("a million rows of 0.1, and more ones than a float can count") {
  tg::Tape tape;
  const tg::Tensor rows = tape.full({1000000, 2}, 0.1);
  const double tenth = static_cast<double>(0.1F);
  CHECK(tg::sum(rows, {0}).copy().at(1) == doctest::Approx(1e6 * tenth).epsilon(1e-6));
  CHECK(tg::mean(rows).item() == doctest::Approx(tenth).epsilon(1e-6));
  tape.clear();
  const tg::Tensor ones = tape.full({17000000}, 1.0);
  CHECK(tg::sum(ones).item() == 17000000.0);
  CHECK(tg::mean(ones).item() == 1.0);
  CHECK(tg::norm(ones).item() == doctest::Approx(std::sqrt(17000000.0)).epsilon(1e-6));
}

TEST_CASE(
    "losses and log_softmax subtract the largest logit first, and the logarithm of the sum then") {
  for (const double logit : {0.0, 1e4, 1e8, -1e8}) {
    CAPTURE(logit);
    tg::Tape tape;
    const std::vector<tg::Index> classes{1};
    const tg::Tensor x = tape.input(std::vector<double>{logit, logit}, {1, 2});
    const auto check = [&](const tg::Tensor& loss, double expected) {
      CHECK(loss.item() == doctest::Approx(expected).epsilon(1e-6));
      const tg::Array slope = tg::gradient(loss, x).copy();
      CHECK(slope.at(0) == doctest::Approx(0.5).epsilon(1e-6));
      CHECK(slope.at(1) == doctest::Approx(-0.5).epsilon(1e-6));
    };
    const double log_two = std::log(2.0);
    check(tg::softmax_cross_entropy(x, tape.ids(classes)), log_two);
    check(tg::negate(tg::sum(tg::slice(tg::log_softmax(x), 1, 1, 2))), log_two);
    check(tg::softmax_cross_entropy(x, tape.ids(classes), {.weights = tape.full({2}, 1.0)}),
          log_two);
    CHECK(tg::softmax_cross_entropy(x, tape.ids(classes), {.label_smoothing = 0.5}).item() ==
          doctest::Approx(log_two).epsilon(1e-6));
    // The same logits from a linear layer.
    const tg::Tensor input = tape.input(std::vector<double>{logit}, {1, 1}),
                     weights = tape.full({2, 1}, 1.0);
    const tg::Tensor loss = tg::linear_cross_entropy(input, weights, tape.ids(classes));
    CHECK(loss.item() == doctest::Approx(log_two).epsilon(1e-6));
    const tg::Array slope = tg::gradient(loss, weights).copy();
    CHECK(slope.at(0) == doctest::Approx(0.5 * logit).epsilon(1e-6));
    CHECK(slope.at(1) == doctest::Approx(-0.5 * logit).epsilon(1e-6));
  }
}

TEST_CASE("normalisations and variances keep what distinguishes large numbers") {
  tg::Tape tape;
  std::vector<float> numbers;
  for (int i = 0; i < 16; ++i) numbers.push_back(10000.0F + 0.001F * static_cast<float>(i));
  double mean = 0.0, variance = 0.0;
  for (const float x : numbers) mean += static_cast<double>(x) / 16.0;
  for (const float x : numbers)
    variance += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean) / 16.0;
  const tg::Tensor x = tape.input(numbers, {1, 16});
  const tg::Array normalised = tg::layer_norm(x).copy();
  for (tg::Index i = 0; i < 16; ++i) {
    const double expected = (static_cast<double>(numbers[static_cast<std::size_t>(i)]) - mean) /
                            std::sqrt(variance + 1e-5);
    CHECK(normalised.at(i) == doctest::Approx(expected).epsilon(1e-5));
  }
  CHECK(normalised.at(0) == doctest::Approx(-1.3313).epsilon(1e-4));
  CHECK(tg::variance(x, {1}, 0).item() == doctest::Approx(variance).epsilon(1e-5));
  CHECK(tg::variance(x).item() == doctest::Approx(variance * 16.0 / 15.0).epsilon(1e-5));
}

TEST_CASE("norms and normalisations do not overflow or underflow on the way") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    const double huge = dtype == tg::Dtype::float32 ? 1e30 : 1e300, tiny = 1.0 / huge;
    for (const double size : {huge, 1.0, tiny}) {
      CAPTURE(size);
      tg::Tape tape({.dtype = dtype});
      const tg::Tensor x = tape.input(std::vector<double>{3 * size, -4 * size}, {1, 2});
      CHECK(tg::norm(x).item() / size == doctest::Approx(5.0).epsilon(1e-6));
      const tg::Array slope = tg::gradient(tg::norm(x), x).copy();
      CHECK(slope.at(0) == doctest::Approx(0.6).epsilon(1e-6));
      CHECK(slope.at(1) == doctest::Approx(-0.8).epsilon(1e-6));
    }
    tg::Tape tape({.dtype = dtype});
    const tg::Array normalised =
        tg::layer_norm(tape.input(std::vector<double>{huge, 3 * huge}, {1, 2})).copy();
    CHECK(normalised.at(0) == doctest::Approx(-1.0).epsilon(1e-6));
    CHECK(normalised.at(1) == doctest::Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("a mean over targets that are all ignored is 0, and so are its gradients") {
  tg::Parameters parameters(3);
  const tg::Parameter& logits =
      parameters.add("logits", {2, 3}, [](tg::Array& array, tg::Random& random) {
        for (float& x : array.values<float>()) x = random.uniform();
      });
  const std::vector<tg::Index> ignored{-100, -100}, none;
  const auto check = [&](const std::function<tg::Tensor(tg::Tape&)>& loss) {
    tg::Tape tape;
    const tg::Tensor value = loss(tape);
    const tg::Gradients gradients = tg::backward(value);
    CHECK(value.item() == 0.0);
    const tg::Array slope = gradients.at_or_zero(logits);
    for (tg::Index i = 0; i < slope.size(); ++i) CHECK(slope.at(i) == 0.0);
  };
  check([&](tg::Tape& t) { return tg::softmax_cross_entropy(t(logits), t.ids(ignored)); });
  check([&](tg::Tape& t) {
    return tg::softmax_cross_entropy(t(logits), t.ids(ignored),
                                     {.label_smoothing = 0.1, .weights = t.full({3}, 2.0)});
  });
  check([&](tg::Tape& t) {
    const std::vector<tg::Index> classes{0, 1};
    return tg::softmax_cross_entropy(t(logits), t.ids(classes), {.weights = t.full({3}, 0.0)});
  });
  check([&](tg::Tape& t) {
    return tg::softmax_cross_entropy(tg::slice(t(logits), 0, 0, 0), t.ids(none));
  });
  check([&](tg::Tape& t) {
    return tg::linear_cross_entropy(t(logits), t.full({4, 3}, 1.0), t.ids(ignored));
  });
  check([&](tg::Tape& t) {
    return tg::linear_cross_entropy(tg::slice(t(logits), 0, 0, 0), t.full({4, 3}, 1.0),
                                    t.ids(none));
  });
}
