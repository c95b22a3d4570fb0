// Every layer: gradients of both orders in both modes, and the same bits with any number of
// threads.
#include "../graph/graph_test_tools.h"

#include <cmath>

#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::random_input;

// A named model: a function that makes its parameters and records its loss.
struct Case {
  std::string name;
  std::function<std::function<tg::Tensor(tg::Tape&)>(const tg::Scope&)> make;
};

template <class Layer>
Case recurrent_case(const std::string& name, std::function<Layer(const tg::Scope&)> make) {
  return {name, [make](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
            const auto layer = std::make_shared<Layer>(make(scope));
            return [layer](tg::Tape& tape) {
              const auto [output, state] = (*layer)(random_input(tape, {4, 2, 3}));
              return tg::sum(tg::square(output)) + tg::sum(state.back().back());
            };
          }};
}

std::vector<Case> cases() {
  const nn::RecurrentOptions options{
      .layers = 2, .bidirectional = true, .dropout = 0.3, .learned_state = true};
  return {
      recurrent_case<nn::Rnn>(
          "rnn",
          [=](const tg::Scope& s) { return nn::Rnn(s, 3, 2, nn::RnnActivation::tanh, options); }),
      recurrent_case<nn::Lstm>("lstm",
                               [=](const tg::Scope& s) { return nn::Lstm(s, 3, 2, options); }),
      recurrent_case<nn::Gru>("gru", [=](const tg::Scope& s) { return nn::Gru(s, 3, 2, options); }),
      recurrent_case<nn::Lstm>(
          "lstm without bias",
          [](const tg::Scope& s) { return nn::Lstm(s, 3, 2, {.bias = false}); }),
      {"cells",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto lstm = std::make_shared<nn::LstmCell>(scope / "lstm", 3, 2);
         const auto gru = std::make_shared<nn::GruCell>(scope / "gru", 2, 2);
         const auto rnn = std::make_shared<nn::RnnCell>(scope / "rnn", 2, 2);
         return [=](tg::Tape& tape) {
           nn::RecurrentState state;
           auto cell = lstm->zero_state(tape, 2);
           tg::Tensor hidden = tape.full({2, 2}, 0.0), last = hidden;
           for (std::uint64_t t = 0; t < 3; ++t) {
             cell = (*lstm)(random_input(tape, {2, 3}, t), cell);
             hidden = (*gru)(cell.hidden, hidden);
             last = (*rnn)(hidden, last);
           }
           return tg::sum(tg::square(last)) + tg::sum(cell.cell);
         };
       }},
      {"attention",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto layer = std::make_shared<nn::MultiheadAttention>(
             scope, 4, 2, nn::MultiheadAttentionOptions{.causal = true, .dropout = 0.3});
         const auto norm = std::make_shared<nn::LayerNorm>(scope / "norm", 4);
         return [=](tg::Tape& tape) {
           return tg::sum(tg::square((*layer)((*norm)(random_input(tape, {2, 3, 4})))));
         };
       }},
      {"convolution",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto first =
             std::make_shared<nn::Conv2d>(scope / "first", 2, 4, std::array<tg::Index, 2>{2, 2});
         const auto second =
             std::make_shared<nn::Conv2d>(scope / "second", 4, 2, std::array<tg::Index, 2>{2, 1},
                                          tg::Conv2dOptions{.padding = {1, 0}, .groups = 2});
         return [=](tg::Tape& tape) {
           return tg::sum(tg::square(
               (*second)(tg::max_pool2d(tg::tanh((*first)(random_input(tape, {2, 2, 5, 5})))))));
         };
       }},
      {"convolution of sequences",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto layer = std::make_shared<nn::Conv1d>(
             scope, 2, 4, 3,
             nn::Conv1dOptions{.stride = 2, .padding = 1, .dilation = 2, .groups = 2});
         return [=](tg::Tape& tape) {
           const tg::Tensor y = tg::tanh((*layer)(random_input(tape, {2, 2, 7})));
           return tg::sum(tg::square(nn::GlobalMaxPool()(y)) + nn::GlobalAvgPool()(y));
         };
       }},
      {"batch normalisation",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto first =
             std::make_shared<nn::Conv2d>(scope / "conv", 1, 2, std::array<tg::Index, 2>{2, 2});
         const auto second = std::make_shared<nn::BatchNorm2d>(scope / "images", 2);
         const auto third = std::make_shared<nn::BatchNorm1d>(scope / "rows", 2);
         return [=](tg::Tape& tape) {
           const tg::Tensor images =
               tg::tanh((*second)((*first)(random_input(tape, {2, 1, 3, 4}))));
           return tg::sum(
               tg::square((*third)(nn::GlobalAvgPool()(images) *
                                   tape.input(std::vector<double>{1, 2, 3, 5}, {2, 2}))) *
               tape.input(std::vector<double>{1, 2, 3, 4}, {2, 2}));
         };
       }},
      {"encoder, norms after",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto positions = std::make_shared<nn::LearnedPositions>(scope / "positions", 5, 4);
         const auto layer = std::make_shared<nn::TransformerEncoder>(
             scope, 1, 4, 2,
             nn::TransformerOptions{
                 .inner = 3, .dropout = 0.2, .activation = nn::Activation::gelu});
         return [=](tg::Tape& tape) {
           const tg::Tensor mask = tape.input(std::vector<double>{1, 1, 1, 1, 1, 0}, {2, 3});
           return tg::sum(tg::square((*layer)((*positions)(random_input(tape, {2, 3, 4})), mask) +
                                     0.3 * random_input(tape, {2, 3, 4}, 8)));
         };
       }},
      {"encoder, norms first",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto layer = std::make_shared<nn::TransformerEncoder>(
             scope, 2, 4, 1,
             nn::TransformerOptions{.inner = 3,
                                    .dropout = 0.2,
                                    .activation = nn::Activation::silu,
                                    .norm_first = true,
                                    .causal = true});
         return [=](tg::Tape& tape) {
           return tg::sum(
               tg::square((*layer)(nn::SinusoidalPositions()(random_input(tape, {1, 3, 4}))) +
                          random_input(tape, {1, 3, 4}, 8)));
         };
       }},
      {"attention pooling",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto layer = std::make_shared<nn::AttentionPooling>(scope, 3, 2);
         return [=](tg::Tape& tape) {
           const tg::Tensor mask = tape.input(std::vector<double>{1, 1, 0, 0, 0, 0}, {2, 3});
           return tg::sum(tg::square((*layer)(random_input(tape, {2, 3, 3}), mask))) +
                  tg::sum(tg::square((*layer)(random_input(tape, {2, 3, 3})))) +
                  tg::sum(
                      tg::square((*layer)(nn::Sequences(random_input(tape, {4, 3}), {1, 0, 3}))));
         };
       }},
      {"embeddings",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto table = std::make_shared<nn::Embedding>(scope / "table", 4, 3,
                                                            nn::EmbeddingOptions{.padding = 0});
         const auto mean = std::make_shared<nn::EmbeddingBag>(scope / "mean", 4, 3);
         const auto most = std::make_shared<nn::EmbeddingBag>(
             scope / "max", 4, 3, nn::EmbeddingBagOptions{.mode = nn::BagMode::max});
         return [=](tg::Tape& tape) {
           const std::vector<tg::Index> ids{1, 3, 2, 2, 1}, offsets{0, 2, 2};
           return tg::sum(tg::square((*table)(tape, ids))) +
                  tg::sum(tg::square((*mean)(tape, ids, offsets))) +
                  tg::sum(tg::square((*most)(tape, ids, offsets)));
         };
       }},
      {"ragged sequences",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto lstm = std::make_shared<nn::Lstm>(
             scope / "lstm", 3, 2,
             nn::RecurrentOptions{
                 .layers = 2, .bidirectional = true, .dropout = 0.2, .learned_state = true});
         const auto attention = std::make_shared<nn::MultiheadAttention>(
             scope / "attention", 4, 2, nn::MultiheadAttentionOptions{.causal = true});
         return [=](tg::Tape& tape) {
           const auto [output, state] =
               (*lstm)(nn::Sequences(random_input(tape, {7, 3}), {2, 1, 4}));
           const nn::Sequences attended = (*attention)(output);
           return tg::sum(tg::square(nn::last_of(attended))) +
                  tg::sum(tg::square(nn::mean_of(output))) +
                  tg::sum(tg::square(nn::max_of(output))) + tg::sum(state[1][1] + state[2][0]);
         };
       }},
      {"gated attention and causal convolution",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto gated = std::make_shared<nn::LigrLayer>(
             scope / "gated", 4, 2, nn::LigrOptions{.inner = 3, .dropout = 0.2, .causal = true});
         const auto conv = std::make_shared<nn::CausalConv1d>(scope / "conv", 4, 3, 3, 2);
         return [=](tg::Tape& tape) {
           const tg::Tensor mask =
               tape.input(std::vector<double>{0, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {2, 5});
           const tg::Tensor x = (*gated)(random_input(tape, {2, 5, 4}), mask);
           return tg::sum(tg::square((*conv)(x)));
         };
       }},
      {"losses over many classes",
       [](const tg::Scope& scope) -> std::function<tg::Tensor(tg::Tape&)> {
         const auto table = std::make_shared<nn::Embedding>(scope / "table", 6, 3);
         const auto biases = std::make_shared<nn::Embedding>(scope / "biases", 6, 1);
         return [=](tg::Tape& tape) {
           const tg::Tensor x = random_input(tape, {2, 3}), weights = tape(table->weight());
           const tg::Tensor bias = tg::reshape(tape(biases->weight()), {6});
           const std::vector<tg::Index> targets{4, 1}, negatives{1, 0, 5};
           const std::vector<double> log_q(6, std::log(1.0 / 6.0));
           const tg::Tensor positive = tg::dot(x, (*table)(tape, targets));
           const tg::Tensor scores = tg::matmul(x, (*table)(tape, negatives), {.right = true});
           return nn::sampled_softmax(x, weights, bias, targets, negatives, log_q) +
                  nn::bpr_max(positive, scores, 0.5) +
                  nn::sampled_binary_cross_entropy(positive, scores) +
                  nn::generalised_binary_cross_entropy(
                      positive, scores, nn::sampled_hits(tape, targets, negatives), 0.4) +
                  tg::linear_cross_entropy(x, weights, tape.ids(targets));
         };
       }}};
}

}  // namespace

TEST_CASE("every layer passes checks of both orders, in training and in evaluation") {
  for (const Case& one : cases()) {
    for (const bool training : {true, false}) {
      CAPTURE(one.name);
      tg::Parameters parameters(5);
      const auto loss = one.make(parameters.root());
      const tg::GradcheckResult result =
          tg::gradcheck(parameters, loss, {.tape = {.training = training}});
      CHECK_MESSAGE(result.passed, result.worst);
      CHECK(result.comparisons >= 20);
    }
  }
}

TEST_CASE("every layer gives the same bits with 1, 2 and 4 threads") {
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    std::vector<tg::Array> first;
    for (const int threads : {1, 2, 4}) {
      tg::Parameters parameters(5);
      const auto loss = one.make(parameters.root());
      tg::Tape tape({.threads = threads, .seed = 9});
      const tg::Gradients gradients = tg::backward(loss(tape));
      std::size_t i = 0;
      for (const tg::Parameter& parameter : parameters) {
        const tg::Array gradient = gradients.at_or_zero(parameter);
        if (threads == 1) {
          first.push_back(gradient);
          continue;
        }
        for (tg::Index k = 0; k < gradient.size(); ++k) CHECK(gradient.at(k) == first[i].at(k));
        ++i;
      }
    }
  }
}
