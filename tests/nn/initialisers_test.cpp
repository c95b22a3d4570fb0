// First numbers: their bounds and moments, and that they depend on the seed and the name alone.
#include "../graph/graph_test_tools.h"

#include <algorithm>
#include <cmath>

#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;

struct Moments {
  double least = 0.0, greatest = 0.0, mean = 0.0, deviation = 0.0, count = 0.0;
};

Moments moments_of(const tg::Array& array) {
  Moments moments{.least = array.at(0),
                  .greatest = array.at(0),
                  .mean = 0.0,
                  .deviation = 0.0,
                  .count = static_cast<double>(array.size())};
  for (const double value : graph_test::numbers_of(array)) {
    moments.least = std::min(moments.least, value);
    moments.greatest = std::max(moments.greatest, value);
    moments.mean += value / moments.count;
  }
  for (const double value : graph_test::numbers_of(array)) {
    moments.deviation += (value - moments.mean) * (value - moments.mean) / moments.count;
  }
  moments.deviation = std::sqrt(moments.deviation);
  return moments;
}

Moments moments_of(const tg::Shape& shape, const tg::Initialiser& initialiser, tg::Dtype dtype) {
  tg::Parameters parameters(11, dtype);
  return moments_of(parameters.add("x", shape, initialiser).value());
}

// Uniform within [low, high], filling it, with the moments of that distribution.
void check_uniform(const Moments& moments, double low, double high) {
  const double width = high - low;
  const double rounding = 1e-6 * std::max(std::abs(low), std::abs(high));
  CHECK(moments.least >= low - rounding);
  CHECK(moments.greatest <= high + rounding);
  CHECK(moments.least < low + 20.0 * width / moments.count);
  CHECK(moments.greatest > high - 20.0 * width / moments.count);
  CHECK(std::abs(moments.mean - (low + high) / 2.0) <
        5.0 * width / std::sqrt(12.0 * moments.count));
  CHECK(moments.deviation == doctest::Approx(width / std::sqrt(12.0)).epsilon(0.03));
}

}  // namespace

TEST_CASE("initialisers fill their ranges with the moments of their distributions") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    check_uniform(moments_of({70, 90}, nn::uniform(-2.0, 3.0), dtype), -2.0, 3.0);
    check_uniform(moments_of({70, 90}, nn::uniform_by_fan(16), dtype), -0.25, 0.25);
    for (const double gain : {1.0, 2.5}) {
      const double xavier = gain * std::sqrt(6.0 / 160.0);
      check_uniform(moments_of({70, 90}, nn::xavier_uniform(gain), dtype), -xavier, xavier);
      const double kaiming = gain * std::sqrt(3.0 / 90.0);
      check_uniform(moments_of({70, 90}, nn::kaiming_uniform(gain), dtype), -kaiming, kaiming);
    }
    const Moments normal = moments_of({70, 90}, nn::normal(0.5, 2.0), dtype);
    CHECK(std::abs(normal.mean - 0.5) < 5.0 * 2.0 / std::sqrt(normal.count));
    CHECK(normal.deviation == doctest::Approx(2.0).epsilon(0.05));
    CHECK(normal.greatest > 0.5 + 2.0 * 3.0);
    CHECK(normal.least < 0.5 - 2.0 * 3.0);
    const Moments constant = moments_of({7}, nn::constant(-1.5), dtype);
    CHECK(constant.least == -1.5);
    CHECK(constant.greatest == -1.5);
    CHECK(moments_of({7}, nn::zeros(), dtype).greatest == 0.0);
  }
}

TEST_CASE("normal initialisers have their deviations, truncated ones their bounds") {
  CHECK(moments_of({70, 90}, nn::xavier_normal(2.0), tg::Dtype::float32).deviation ==
        doctest::Approx(2.0 * std::sqrt(2.0 / 160.0)).epsilon(0.05));
  CHECK(moments_of({70, 90}, nn::kaiming_normal(1.0), tg::Dtype::float32).deviation ==
        doctest::Approx(1.0 / std::sqrt(90.0)).epsilon(0.05));
  const Moments cut =
      moments_of({70, 90}, nn::truncated_normal(1.0, 2.0, 0.0, 3.0), tg::Dtype::float64);
  CHECK(cut.least >= 0.0);
  CHECK(cut.greatest <= 3.0);
  CHECK(cut.least < 0.01);
  CHECK(cut.greatest > 2.99);
  CHECK(graph_test::thrown([] {
          nn::truncated_normal(0.0, 1.0, 2.0, 2.0);
        }).find("low must be below high") != std::string::npos);
}

TEST_CASE("orthogonal matrices have orthogonal rows or columns of the gain's length") {
  for (const tg::Shape& shape :
       {tg::Shape{3, 5}, tg::Shape{5, 3}, tg::Shape{4, 2, 2}, tg::Shape{1, 4}}) {
    CAPTURE(shape.to_string());
    tg::Parameters parameters(4, tg::Dtype::float64);
    const tg::Array values = parameters.add("x", shape, nn::orthogonal(2.0)).value();
    const tg::Index rows = shape[0], columns = values.size() / rows, few = std::min(rows, columns);
    for (tg::Index a = 0; a < few; ++a) {
      for (tg::Index b = 0; b < few; ++b) {
        double product = 0.0;
        for (tg::Index i = 0; i < std::max(rows, columns); ++i)
          product += rows <= columns ? values.at(a * columns + i) * values.at(b * columns + i)
                                     : values.at(i * columns + a) * values.at(i * columns + b);
        CHECK(product == doctest::Approx(a == b ? 4.0 : 0.0).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("normal numbers lie within one, two and three deviations as often as they should") {
  tg::Parameters parameters(12);
  const auto values = graph_test::numbers_of(parameters.add("x", {40000}, nn::normal()).value());
  const double shares[] = {0.682689, 0.954500, 0.997300};
  for (int k = 1; k <= 3; ++k) {
    double within = 0.0;
    for (const double value : values) within += std::abs(value) <= k ? 1.0 / 40000.0 : 0.0;
    const double share = shares[k - 1];
    CHECK(std::abs(within - share) < 5.0 * std::sqrt(share * (1.0 - share) / 40000.0));
  }
}

TEST_CASE(
    "fans are those of a matrix [out, in]; further axes count as in, and a vector has its own "
    "size") {
  check_uniform(moments_of({40, 20, 8}, nn::kaiming_uniform(1.0), tg::Dtype::float64),
                -std::sqrt(3.0 / 160.0), std::sqrt(3.0 / 160.0));
  check_uniform(moments_of({40, 20, 8}, nn::xavier_uniform(), tg::Dtype::float64),
                -std::sqrt(6.0 / 200.0), std::sqrt(6.0 / 200.0));
  check_uniform(moments_of({5000}, nn::kaiming_uniform(1.0), tg::Dtype::float64),
                -std::sqrt(3.0 / 5000.0), std::sqrt(3.0 / 5000.0));
}

TEST_CASE("a linear layer begins as PyTorch's does, an embedding as standard normal") {
  tg::Parameters parameters(13);
  const nn::Linear linear(parameters.root() / "linear", 64, 500);
  check_uniform(moments_of(parameters.at("linear/weight").value()), -0.125, 0.125);
  check_uniform(moments_of(parameters.at("linear/bias").value()), -0.125, 0.125);
  const nn::Embedding embedding(parameters.root() / "table", 300, 40);
  const Moments normal = moments_of(embedding.weight().value());
  CHECK(std::abs(normal.mean) < 5.0 / std::sqrt(normal.count));
  CHECK(normal.deviation == doctest::Approx(1.0).epsilon(0.05));
}

TEST_CASE(
    "first numbers depend on the seed and the name, not on the order of making nor on the "
    "neighbours") {
  tg::Parameters forward(14), backward(14), other(15);
  const nn::Linear a(forward.root() / "a", 5, 4), b(forward.root() / "b", 5, 4);
  const nn::Embedding c(forward.root() / "c", 5, 4);
  const nn::Embedding c_first(backward.root() / "c", 5, 4);
  const nn::Linear b_first(backward.root() / "b", 5, 4), a_last(backward.root() / "a", 5, 4);
  const nn::Linear alone(other.root() / "a", 5, 4);
  for (const tg::Parameter& parameter : forward)
    CHECK(parameter.value() == backward.at(parameter.name()).value());
  CHECK(!(forward.at("a/weight").value() == forward.at("b/weight").value()));
  CHECK(!(forward.at("a/weight").value() == other.at("a/weight").value()));
}

TEST_CASE("double parameters begin with the numbers of float ones, to rounding") {
  tg::Parameters single(16, tg::Dtype::float32), twice(16, tg::Dtype::float64);
  for (tg::Parameters* parameters : {&single, &twice})
    nn::Mlp(parameters->root() / "mlp", {5, 4, 3});
  for (const tg::Parameter& parameter : single) {
    CHECK(graph_test::distance(twice.at(parameter.name()).value(), parameter.value()) < 1e-7);
  }
}
