// Recurrent layers, convolutions and normalisation beside PyTorch's, from its own state dicts: the
// numbers are in tests/golden.
#include "golden_layer_tools.h"

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
using namespace golden;

// The golden file's states [layers·directions, batch, hidden] as a layer's.
tg::nn::RecurrentState split_states(const std::vector<tg::Tensor>& all) {
  tg::nn::RecurrentState state;
  const tg::Shape shape = all[0].shape();
  for (tg::Index cell = 0; cell < shape[0]; ++cell) {
    auto& kept = state.emplace_back();
    for (const tg::Tensor& tensor : all)
      kept.push_back(tg::reshape(tg::slice(tensor, 0, cell, cell + 1), {shape[1], shape[2]}));
  }
  return state;
}

template <class Layer>
void check_recurrent(const golden::Golden& file, const std::string& prefix,
                     const tg::Parameters& parameters, const Layer& layer, std::size_t kept) {
  CAPTURE(prefix);
  tg::Parameters inputs;
  std::vector<const tg::Parameter*> places;
  for (std::size_t i = 0; i <= kept; ++i) {
    const std::string name = i < kept ? "state" + std::to_string(i) : "x";
    const tg::Array value = file[prefix + "." + name];
    places.push_back(
        &inputs.add(name, value.shape(), [&](tg::Array& array, tg::Random&) { array = value; }));
  }
  tg::Tape tape;
  std::vector<tg::Tensor> states;
  for (std::size_t i = 0; i < kept; ++i) states.push_back(tape(*places[i]));
  const auto [output, after] = layer(tape(*places[kept]), split_states(states));
  tg::Tensor loss = tg::sum(output * tape.input(file[prefix + ".weight"]));
  for (std::size_t i = 0; i < kept; ++i) {
    std::vector<tg::Tensor> last;
    for (const auto& cell : after) last.push_back(cell[i]);
    const tg::Tensor all = tg::stack(last);
    file.check(prefix + ".last" + std::to_string(i), all.copy());
    loss = loss + tg::sum(tg::square(all));
  }
  file.check(prefix + ".y", output.copy());
  const tg::Gradients gradients = tg::backward(loss);
  file.check(prefix + ".loss", loss.copy());
  for (const tg::Parameter* place : places)
    file.check(prefix + "." + place->name() + "_gradient", gradients.at(*place));
  for (const tg::Parameter& parameter : parameters)
    file.check(prefix + ".gradient." + parameter.name(), gradients.at(parameter));
}

}  // namespace

TEST_CASE(
    "recurrent layers, their states and all gradients equal PyTorch's, one direction and both") {
  const golden::Golden file("recurrent");
  for (const int directions : {1, 2}) {
    const tg::nn::RecurrentOptions options{.layers = 2, .bidirectional = directions == 2};
    const auto check = [&](const std::string& name, std::size_t kept, auto make) {
      const std::string prefix = name + "_" + std::to_string(directions);
      tg::Parameters parameters;
      const auto layer = make(parameters.root());
      tg::nn::set_weights(parameters, file.under(prefix + ".weights."));
      check_recurrent(file, prefix, parameters, layer, kept);
    };
    check("rnn_tanh", 1, [&](const tg::Scope& scope) {
      return tg::nn::Rnn(scope, 3, 4, tg::nn::RnnActivation::tanh, options);
    });
    check("rnn_relu", 1, [&](const tg::Scope& scope) {
      return tg::nn::Rnn(scope, 3, 4, tg::nn::RnnActivation::relu, options);
    });
    check("lstm", 2, [&](const tg::Scope& scope) { return tg::nn::Lstm(scope, 3, 4, options); });
    check("gru", 1, [&](const tg::Scope& scope) { return tg::nn::Gru(scope, 3, 4, options); });
  }
}

TEST_CASE("backpropagation through 1,000 steps equals PyTorch's") {
  const golden::Golden file("long_lstm");
  tg::Parameters parameters;
  const tg::nn::Lstm lstm(parameters.root(), 2, 3);
  tg::nn::set_weights(parameters, file.under("lstm.weights."));
  tg::Tape tape;
  const tg::Tensor loss = tg::mean(tg::square(lstm(tape.input(file["x"])).output));
  const tg::Gradients gradients = tg::backward(loss);
  file.check("loss", loss.copy());
  check_gradients(file, "lstm", parameters, gradients);
}

TEST_CASE("convolutions, pooling and layer normalisation equal PyTorch's with all gradients") {
  const golden::Golden file("images");
  const std::pair<const char*, tg::Conv2dOptions> cases[] = {
      {"plain", {}},
      {"stride", {.stride = {2, 1}, .padding = {1, 2}}},
      {"dilation", {.dilation = {2, 1}}},
      {"groups", {.padding = {1, 1}, .groups = 2}}};
  for (const auto& [name, options] : cases) {
    tg::Parameters parameters;
    const tg::nn::Conv2d layer(parameters.root(), 4, 6, {3, 2}, options);
    tg::nn::set_weights(parameters, file.under(std::string(name) + ".weights."));
    check_layer(file, name, parameters, layer);
  }
  const tg::Pool2dOptions windows{.kernel = {3, 2}, .stride = {2, 1}};
  check_layer(file, "max", tg::Parameters(),
              [&](const tg::Tensor& x) { return tg::max_pool2d(x, windows); });
  check_layer(file, "avg", tg::Parameters(),
              [&](const tg::Tensor& x) { return tg::avg_pool2d(x, windows); });
  tg::Parameters parameters;
  const tg::nn::LayerNorm norm(parameters.root(), 5);
  tg::nn::set_weights(parameters, file.under("norm.weights."));
  check_layer(file, "norm", parameters, norm);
}

TEST_CASE(
    "attention to itself, causal, with padding and to others equals PyTorch's with all gradients") {
  const golden::Golden file("attention");
  const auto check = [&](const std::string& name, tg::Index heads,
                         const tg::nn::MultiheadAttentionOptions& options, auto apply) {
    tg::Parameters parameters;
    const tg::nn::MultiheadAttention layer(parameters.root(), 6, heads, options);
    tg::nn::set_weights(parameters, file.under(name + ".weights."));
    check_layer(file, name, parameters, [&](const tg::Tensor& x) { return apply(layer, x); });
  };
  using Layer = tg::nn::MultiheadAttention;
  check("self", 2, {}, [](const Layer& layer, const tg::Tensor& x) { return layer(x); });
  check("causal", 2, {.causal = true},
        [](const Layer& layer, const tg::Tensor& x) { return layer(x); });
  check("padded", 2, {}, [&](const Layer& layer, const tg::Tensor& x) {
    return layer(x, x.tape().input(file["keep"]));
  });
  check("others", 3, {}, [&](const Layer& layer, const tg::Tensor& x) {
    const tg::Tensor keys = x.tape().input(file["others.keys"]);
    return layer(x, keys, keys);
  });
}
