// Normalisation, encoder layers, embeddings and ragged recurrent nets beside PyTorch's, from its
// own state dicts.
#include "golden_layer_tools.h"

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using namespace golden;

template <class Norm>
void check_norm(const Golden& file, const std::string& name) {
  for (const bool training : {true, false}) {
    const std::string prefix = training ? name : name + "_eval";
    CAPTURE(prefix);
    tg::Parameters parameters, inputs;
    const Norm layer(parameters.root(), 3);
    nn::set_weights(parameters, file.under(prefix + ".weights."));
    const tg::Array value = file[prefix + ".x"];
    const tg::Parameter& x =
        inputs.add("x", value.shape(), [&](tg::Array& array, tg::Random&) { array = value; });
    tg::Tape tape({.training = training});
    const tg::Tensor y = layer(tape(x));
    file.check(prefix + ".y", y.copy());
    const tg::Gradients gradients = tg::backward(tg::sum(y * tape.input(file[prefix + ".weight"])));
    file.check(prefix + ".x_gradient", gradients.at(x));
    for (const char* parameter : {"weight", "bias"})
      file.check(prefix + ".gradient." + parameter, gradients.at(parameter));
    for (const char* running : {"running_mean", "running_var"})
      file.check(name + ".after." + running, parameters.at(running).value());
    CHECK(gradients.size() == 3);
  }
}

template <class Layer>
void check_ragged(const Golden& file, const std::string& name) {
  CAPTURE(name);
  tg::Parameters parameters, inputs;
  const Layer layer = [&] {
    const nn::RecurrentOptions options{.layers = 2, .bidirectional = true};
    if constexpr (std::is_same_v<Layer, nn::Rnn>)
      return nn::Rnn(parameters.root(), 3, 4, nn::RnnActivation::tanh, options);
    else
      return Layer(parameters.root(), 3, 4, options);
  }();
  nn::set_weights(parameters, file.under(name + ".weights."));
  const tg::Array value = file[name + ".x"];
  const tg::Parameter& x =
      inputs.add("x", value.shape(), [&](tg::Array& array, tg::Random&) { array = value; });
  tg::Tape tape;
  const auto [output, state] = layer(nn::Sequences(tape(x), file["lengths"].values<tg::Index>()));
  file.check(name + ".y", output.values().copy());
  tg::Tensor loss = tg::sum(output.values() * tape.input(file[name + ".weight"]));
  for (std::size_t kept = 0; kept < state[0].size(); ++kept) {
    std::vector<tg::Tensor> last;
    for (const auto& cell : state) last.push_back(cell[kept]);
    file.check(name + ".last" + std::to_string(kept), tg::stack(last).copy());
    loss = loss + tg::sum(tg::square(tg::stack(last)));
  }
  const tg::Gradients gradients = tg::backward(loss);
  file.check(name + ".x_gradient", gradients.at(x));
  for (const tg::Parameter& parameter : parameters)
    file.check(name + ".gradient." + parameter.name(), gradients.at(parameter));
}

}  // namespace

TEST_CASE("convolutions of sequences equal PyTorch's with all gradients") {
  const Golden file("layers");
  for (const bool options : {false, true}) {
    const std::string name = options ? "conv1d_options" : "conv1d";
    tg::Parameters parameters;
    const nn::Conv1d layer(
        parameters.root(), 4, 6, 3,
        options ? nn::Conv1dOptions{.stride = 2, .padding = 2, .dilation = 2, .groups = 2}
                : nn::Conv1dOptions{});
    nn::set_weights(parameters, file.under(name + ".weights."));
    check_layer(file, name, parameters, layer);
  }
}

TEST_CASE(
    "batch normalisation equals PyTorch's in training, with its running statistics, and in "
    "evaluation") {
  const Golden file("layers");
  check_norm<nn::BatchNorm1d>(file, "norm1d");
  check_norm<nn::BatchNorm1d>(file, "norm1d_length");
  check_norm<nn::BatchNorm2d>(file, "norm2d");
}

TEST_CASE(
    "the Transformer's encoder equals PyTorch's: norms after and before, causal, with padding, in "
    "layers") {
  const Golden file("layers");
  const auto check = [&](const std::string& name, const nn::TransformerOptions& options,
                         bool padded) {
    tg::Parameters parameters;
    const nn::TransformerEncoderLayer layer(parameters.root(), 6, 2, options);
    nn::set_weights(parameters, file.under(name + ".weights."));
    check_layer(file, name, parameters, [&](const tg::Tensor& x) {
      return padded ? layer(x, x.tape().input(file["keep"])) : layer(x);
    });
  };
  check("post", {.inner = 8, .dropout = 0.0}, false);
  check("pre",
        {.inner = 8,
         .dropout = 0.0,
         .activation = nn::Activation::gelu,
         .norm_first = true,
         .causal = true},
        false);
  check("padded", {.inner = 8, .dropout = 0.0}, true);
  tg::Parameters parameters;
  const nn::TransformerEncoder encoder(parameters.root(), 2, 6, 3,
                                       {.inner = 8, .dropout = 0.0, .norm_first = true});
  nn::set_weights(parameters, file.under("encoder.weights."));
  check_layer(file, "encoder", parameters, encoder);
}

TEST_CASE("embeddings with padding and in bags equal PyTorch's") {
  const Golden file("layers");
  const auto ids = file["ids"].values<tg::Index>(), offsets = file["offsets"].values<tg::Index>();
  const auto finish = [&](const std::string& name, const tg::Tensor& y) {
    file.check(name + ".y", y.copy());
    const tg::Gradients gradients =
        tg::backward(tg::sum(y * y.tape().input(file[name + ".weight"])));
    file.check(name + ".gradient.weight", gradients.at("weight"));
    for (const tg::GradientEntry& entry : gradients)
      CHECK(entry.sparse == (entry.parameter->name() == "weight"));
    return gradients;
  };
  {
    tg::Parameters parameters;
    const nn::Embedding table(parameters.root(), 5, 3, {.padding = 3});
    for (tg::Index c = 0; c < 3; ++c) CHECK(table.weight().value().at(9 + c) == 0.0);
    nn::set_weights(parameters, file.under("padding.weights."));
    tg::Tape tape;
    finish("padding", table(tape, ids));
  }
  for (const auto& [name, mode] : {std::pair("bag_sum", nn::BagMode::sum),
                                   {"bag_mean", nn::BagMode::mean},
                                   {"bag_max", nn::BagMode::max}}) {
    const std::string label = name;  // Clang 14 does not capture structured bindings
    CAPTURE(label);
    tg::Parameters parameters, inputs;
    const nn::EmbeddingBag bag(parameters.root(), 5, 3, {.mode = mode});
    nn::set_weights(parameters, file.under(std::string(name) + ".weights."));
    const tg::Parameter& factors =
        inputs.add("factors", {6}, [&](tg::Array& array, tg::Random&) { array = file["factors"]; });
    tg::Tape tape;
    const bool sum = mode == nn::BagMode::sum;
    const auto gradients =
        finish(name, bag(tape, ids, offsets, sum ? tape(factors) : tg::Tensor{}));
    if (sum) file.check("factors_gradient", gradients.at(factors));
  }
}

TEST_CASE("recurrent nets over sequences of different lengths equal PyTorch's packed ones") {
  const Golden file("ragged");
  check_ragged<nn::Rnn>(file, "rnn");
  check_ragged<nn::Lstm>(file, "lstm");
  check_ragged<nn::Gru>(file, "gru");
}
