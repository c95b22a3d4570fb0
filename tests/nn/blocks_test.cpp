// What the smaller layers, the losses over many classes and the summary promise, and their errors.
#include "../graph/graph_test_tools.h"

#include <algorithm>
#include <cmath>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::holds;
using graph_test::thrown;

}  // namespace

TEST_CASE(
    "sampled softmax with every class as a negative, and its exact probability, is the full "
    "softmax") {
  tg::Parameters parameters(3);
  const nn::Embedding table(parameters.root(), 7, 4);
  tg::Tape tape;
  const tg::Tensor x =
      tape.input(std::vector<double>{0.3, -0.2, 0.5, 0.1, 1.0, 0.4, -0.6, 0.2}, {2, 4});
  const tg::Tensor weights = tape(table.weight());
  const std::vector<tg::Index> targets{2, 6}, all{0, 1, 2, 3, 4, 5, 6};
  const double sampled =
      nn::sampled_softmax(x, weights, {}, targets, all, std::vector<double>(7, 0.0)).item();
  CHECK(sampled == doctest::Approx(tg::linear_cross_entropy(x, weights, tape.ids(targets)).item())
                       .epsilon(1e-6));
  const std::vector<double> log_q(7, 0.0);
  CHECK(holds(thrown([&] { nn::sampled_softmax(x, weights, {}, targets, {}, log_q); }),
              "there must be negatives"));
  CHECK(holds(thrown([&] {
                nn::sampled_softmax(x, weights, {}, targets, std::vector<tg::Index>{7}, log_q);
              }),
              "within 7 classes"));
  CHECK(holds(
      thrown([&] { nn::sampled_softmax(x, weights, {}, targets, all, std::vector<double>(3)); }),
      "log_q has 3"));
}

TEST_CASE(
    "with its target exact, sampled softmax sums what the full softmax sums, each sample by how "
    "rarely it is drawn") {
  tg::Parameters parameters(3);
  const nn::Embedding table(parameters.root(), 5, 4);
  tg::Tape tape;
  const tg::Tensor x = tape.input(std::vector<double>{0.3, -0.2, 0.5, 0.1}, {1, 4});
  const tg::Tensor weights = tape(table.weight());
  const tg::Tensor bias = tape.input(std::vector<double>{0.1, -0.4, 0.3, 0.2, 0.6}, {5});
  const std::vector<tg::Index> target{2}, negatives{4, 1, 2, 4, 0};
  const std::vector<double> q{0.1, 0.2, 0.3, 0.35, 0.05};
  std::vector<double> log_q, logits;
  for (const double one : q) log_q.push_back(std::log(one));
  const tg::Tensor whole = matmul(x, weights, {.right = true}) + bias;
  for (const float one : whole.values<float>()) logits.push_back(static_cast<double>(one));
  double sum = std::exp(logits[2]);
  for (const tg::Index id : negatives) {
    const auto place = static_cast<std::size_t>(id);
    if (id != target[0]) sum += std::exp(logits[place]) / (5.0 * q[place]);
  }
  CHECK(
      nn::sampled_softmax(x, weights, bias, target, negatives, log_q, {}, nn::SampledTarget::exact)
          .item() == doctest::Approx(std::log(sum) - logits[2]).epsilon(1e-5));

  // Over all samples of two negatives, the sums are on average the full softmax's.
  double mean = 0.0;
  for (tg::Index a = 0; a < 5; ++a) {
    for (tg::Index b = 0; b < 5; ++b) {
      const double loss =
          nn::sampled_softmax(x, weights, bias, target, std::vector<tg::Index>{a, b}, log_q, {},
                              nn::SampledTarget::exact)
              .item();
      mean += q[static_cast<std::size_t>(a)] * q[static_cast<std::size_t>(b)] *
              std::exp(loss + logits[2]);
    }
  }
  double full = 0.0;
  for (const double logit : logits) full += std::exp(logit);
  CHECK(mean == doctest::Approx(full).epsilon(1e-5));
}

TEST_CASE("a sampled negative that is the target does not count") {
  tg::Tape tape;
  const std::vector<tg::Index> targets{3, 5}, negatives{5, 3, 3, 1};
  const tg::Tensor hits = nn::sampled_hits(tape, targets, negatives);
  const std::vector<float> expected{0, 1, 1, 0, 1, 0, 0, 0};
  for (tg::Index i = 0; i < 8; ++i)
    CHECK(hits.copy().at(i) == expected[static_cast<std::size_t>(i)]);
  // Ids beyond what a float can tell apart.
  const std::vector<tg::Index> large{(tg::Index{1} << 40) + 1}, near{tg::Index{1} << 40};
  CHECK(nn::sampled_hits(tape, large, near).item() == 0.0);
}

TEST_CASE("gBCE is its closed form, and with beta 1 the usual cross-entropy") {
  tg::Tape tape;
  const auto log_sigma = [](double x) { return -std::log1p(std::exp(-x)); };
  const tg::Tensor positive = tape.input(std::vector<double>{1.5, -0.5}, {2});
  const tg::Tensor negatives = tape.input(std::vector<double>{0.5, 2.0, -1.0, 0.25}, {2, 2});
  const tg::Tensor hits = tape.input(std::vector<double>{0, 1, 0, 0}, {2, 2});
  const double expected = -(0.3 * log_sigma(1.5) + log_sigma(-0.5) + 0.3 * log_sigma(-0.5) +
                            log_sigma(1.0) + log_sigma(-0.25)) /
                          2.0;
  CHECK(nn::generalised_binary_cross_entropy(positive, negatives, hits, 0.3).item() ==
        doctest::Approx(expected).epsilon(1e-6));
  CHECK(nn::generalised_binary_cross_entropy(positive, negatives, {}, 1.0).item() ==
        doctest::Approx(nn::sampled_binary_cross_entropy(positive, negatives).item()));
  CHECK(nn::gbce_beta(100, 1001, 0.0) == doctest::Approx(1.0));
  CHECK(nn::gbce_beta(100, 1001, 1.0) == doctest::Approx(0.1));
  CHECK(nn::gbce_beta(256, 3417, 0.75) == doctest::Approx(0.0749 * 0.75 + 0.25).epsilon(1e-3));
  CHECK(holds(
      thrown([&] { nn::generalised_binary_cross_entropy(positive, negatives, positive, 1.0); }),
      "hits [n, k]"));
}

TEST_CASE("bpr_max is its closed form for one negative, and grows with the negatives' size") {
  tg::Tape tape;
  const tg::Tensor positive = tape.input(std::vector<double>{1.5}, {1}),
                   negative = tape.input(std::vector<double>{0.5}, {1, 1});
  const double expected = -std::log(1.0 / (1.0 + std::exp(-1.0))) + 0.25;
  CHECK(nn::bpr_max(positive, negative).item() == doctest::Approx(expected).epsilon(1e-6));
  CHECK(std::isfinite(nn::bpr_max(tape.input(std::vector<double>{-300.0}, {1}), negative).item()));
  CHECK(holds(thrown([&] { nn::bpr_max(negative, negative); }), "takes scores [n] and [n, k]"));
  CHECK(holds(thrown([&] { nn::sampled_binary_cross_entropy(negative, positive); }),
              "takes logits [n] and [n, k]"));
}

TEST_CASE("linear cross-entropy is the softmax cross-entropy of the product, over several blocks") {
  tg::Parameters parameters(3);
  const nn::Embedding table(parameters.root() / "table", 700, 9),
      inputs(parameters.root() / "inputs", 300, 9);
  std::vector<tg::Index> ids(300);
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids[i] = i % 5 == 0 ? -100 : static_cast<tg::Index>(i * 7 % 700);
  const auto run = [&](bool fused) {
    tg::Tape tape;
    const tg::Tensor x = tape(inputs.weight()), weights = tape(table.weight());
    const tg::Tensor loss =
        fused ? tg::linear_cross_entropy(x, weights, tape.ids(ids))
              : tg::softmax_cross_entropy(tg::matmul(x, weights, {.right = true}), tape.ids(ids));
    const tg::Gradients gradients = tg::backward(loss);
    return std::vector<tg::Array>{loss.copy(), gradients.at(table.weight()),
                                  gradients.at(inputs.weight())};
  };
  const auto fused = run(true), plain = run(false);
  for (std::size_t k = 0; k < fused.size(); ++k) {
    for (tg::Index i = 0; i < fused[k].size(); ++i)
      CHECK(std::abs(fused[k].at(i) - plain[k].at(i)) <=
            1e-5 * std::max(1.0, std::abs(plain[k].at(i))));
  }
  tg::Tape tape;
  const tg::Tensor x = tape(inputs.weight()), weights = tape(table.weight());
  CHECK(holds(thrown([&] {
                (void)tg::linear_cross_entropy(x, weights,
                                               tape.ids(std::vector<tg::Index>(300, 700)))
                    .item();
              }),
              "class 700 is outside of 700 classes"));
  CHECK(holds(
      thrown([&] { tg::linear_cross_entropy(x, weights, tape.ids(std::vector<tg::Index>(2, 0))); }),
      "needs x [n, width], weights [classes, width] and int64 classes [n], got [300, 9], [700, 9], "
      "[2]"));
}

TEST_CASE("a row of padding stays what it is while the others train") {
  tg::Parameters parameters(3);
  const nn::Embedding table(parameters.root(), 4, 2, {.padding = 2});
  const tg::Array before = table.weight().value();
  tg::Tape tape;
  const tg::Array gradient =
      tg::backward(tg::sum(table(tape, std::vector<tg::Index>{2, 0, 2}) + 1.0)).at(table.weight());
  for (tg::Index i = 0; i < 8; ++i) CHECK(gradient.at(i) == (i < 2 ? 1.0 : 0.0));
  CHECK(before.at(4) == 0.0);
  CHECK(before.at(5) == 0.0);
  CHECK(holds(thrown([&] { nn::Embedding(parameters.root() / "b", 4, 2, {.padding = 4}); }),
              "the padding must be one of the 4 rows, got 4"));
}

TEST_CASE("layers refuse what does not fit, naming it and the place") {
  tg::Parameters parameters;
  tg::Tape tape;
  const nn::BatchNorm2d norm(parameters.root() / "norm", 3);
  CHECK(holds(thrown([&] {
                norm(tape.full({2, 3}, 0.0));
              }),
              "batch_norm: takes 3 channels on axis 1 of 4 axes, got [2, 3]; norm at"));
  CHECK(holds(thrown([&] {
                norm(tape.full({1, 3, 1, 1}, 0.0));
              }),
              "training needs two or more values a channel"));
  CHECK(holds(thrown([&] {
                norm(tape.full({0, 3, 2, 2}, 0.0));
              }),
              "training needs two or more values a channel"));
  {
    const tg::EvaluationMode evaluation(tape);
    CHECK(norm(tape.full({0, 3, 2, 2}, 0.0)).copy().size() == 0);
    CHECK(norm(tape.full({1, 3, 1, 1}, 1.0)).copy().at(0) == doctest::Approx(1.0).epsilon(1e-4));
  }
  const nn::Conv1d convolution(parameters.root() / "conv", 2, 3, 3);
  CHECK(holds(thrown([&] {
                convolution(tape.full({2, 2}, 0.0));
              }),
              "conv1d: takes [batch, channels, length], got [2, 2]; conv at"));
  CHECK(holds(thrown([&] {
                convolution(tape.full({1, 2, 2}, 0.0));
              }),
              "the kernel is larger than the padded images"));
  const nn::LearnedPositions positions(parameters.root() / "positions", 4, 3);
  CHECK(holds(thrown([&] {
                positions(tape.full({1, 5, 3}, 0.0));
              }),
              "positions: there are [4, 3], got [1, 5, 3]; positions at"));
  CHECK(positions(tape.full({1, 0, 3}, 0.0)).copy().size() == 0);
  CHECK(holds(thrown([&] { nn::TransformerEncoder(parameters.root() / "e", 0, 4, 2); }),
              "needs a layer or more, got 0"));
  const nn::EmbeddingBag bag(parameters.root() / "bag", 4, 2);
  const std::vector<tg::Index> ids{0, 1}, late{1}, falling{0, 2, 1};
  CHECK(holds(thrown([&] { bag(tape, ids, late); }), "the first bag must start at 0"));
  CHECK(holds(thrown([&] { bag(tape, ids, falling); }), "bag 1 starts at 2 and ends at 1; bag at"));
  CHECK(holds(thrown([&] { bag(tape, ids, std::vector<tg::Index>{0}, tape.full({2}, 1.0)); }),
              "only sums take factors"));
  CHECK(bag(tape, {}, {}).copy().size() == 0);
  const nn::AttentionPooling pooling(parameters.root() / "pool", 3, 2);
  CHECK(holds(thrown([&] {
                pooling(tape.full({2, 3}, 0.0));
              }),
              "takes [batch, length, width], got [2, 3]; pool at"));
  const tg::Array padded = pooling(tape.full({1, 2, 3}, 1.0), tape.full({1, 2}, 0.0)).copy();
  for (tg::Index i = 0; i < 3; ++i) CHECK(padded.at(i) == 0.0);
}

TEST_CASE("a summary names every parameter with shape and count") {
  tg::Parameters parameters;
  const nn::Linear linear(parameters.root() / "output", 3, 2);
  const nn::BatchNorm1d norm(parameters.root() / "norm", 2);
  const std::string text = nn::summary(parameters);
  CHECK(holds(text, "output/weight      [2, 3]             6\n"));
  CHECK(holds(text, "norm/running_mean  [2]                2  frozen\n"));
  CHECK(holds(text, "16 numbers in 6 parameters, 12 of them trained\n"));
}
