// Models beside PyTorch's: the numbers are in tests/golden.
#include "../golden/golden.h"

#include <algorithm>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;

// "mlp/0/weight" as the golden files call it.
std::string dotted(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

// Neural matrix factorisation, as make_golden.py has it.
class NeuMf {
 public:
  explicit NeuMf(const tg::Scope& scope)
      : gmf_user_(scope / "gmf" / "user", 9, 4),
        gmf_item_(scope / "gmf" / "item", 11, 4),
        mlp_user_(scope / "mlp" / "user", 9, 6),
        mlp_item_(scope / "mlp" / "item", 11, 6),
        layers_(scope / "mlp" / "layers", {12, 8, 4}, {.last = tg::nn::Activation::relu}),
        fusion_(scope / "fusion", 8, 1) {}

  tg::Tensor operator()(const tg::Tensor& users, const tg::Tensor& items) const {
    const tg::Tensor product = gmf_user_(users) * gmf_item_(items);
    const tg::Tensor deep = layers_(tg::concatenate({mlp_user_(users), mlp_item_(items)}));
    return tg::reshape(fusion_(tg::concatenate({product, deep})), {-1});
  }

 private:
  tg::nn::Embedding gmf_user_, gmf_item_, mlp_user_, mlp_item_;
  tg::nn::Mlp layers_;
  tg::nn::Linear fusion_;
};

}  // namespace

TEST_CASE("the loss and all gradients of a perceptron equal PyTorch's with every activation") {
  using tg::nn::Activation;
  const golden::Golden file("mlp");
  const std::pair<const char*, Activation> activations[] = {{"none", Activation::none},
                                                            {"relu", Activation::relu},
                                                            {"tanh", Activation::tanh},
                                                            {"sigmoid", Activation::sigmoid},
                                                            {"gelu", Activation::gelu},
                                                            {"silu", Activation::silu},
                                                            {"leaky_relu", Activation::leaky_relu},
                                                            {"elu", Activation::elu}};
  for (const auto& [name, activation] : activations) {
    const std::string label = name;  // Clang 14 does not capture structured bindings
    CAPTURE(label);
    tg::Parameters parameters;
    const tg::nn::Mlp mlp(parameters.root() / "mlp", {6, 8, 5, 3}, {.activation = activation});
    std::map<std::string, tg::Array> weights;
    for (const auto& [weight, array] : file.under("mlp.")) weights.emplace("mlp." + weight, array);
    tg::nn::set_weights(parameters, weights);
    tg::Tape tape;
    const tg::Tensor loss =
        tg::mean_squared_error(mlp(tape.input(file["x"])), tape.input(file["target"]));
    const tg::Gradients gradients = tg::backward(loss);
    const std::string prefix = name;
    file.check(prefix + ".loss", loss.copy());
    CHECK(gradients.size() == 6);
    for (const tg::Parameter& parameter : parameters) {
      file.check(prefix + ".gradient." + dotted(parameter.name()), gradients.at(parameter));
    }
  }
}

TEST_CASE(
    "the logits, the loss and all gradients of NeuMF equal PyTorch's, and its tables' gradients "
    "are row-sparse") {
  const golden::Golden file("neumf");
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    tg::Parameters parameters(0, dtype);
    const NeuMf model(parameters.root());
    tg::nn::set_weights(parameters, file.under("weights."));
    tg::Tape tape({.dtype = dtype});
    const auto users = file["users"].values<tg::Index>();
    const auto items = file["items"].values<tg::Index>();
    const tg::Tensor logits = model(tape.ids(users), tape.ids(items));
    tape.keep(logits);
    const tg::Tensor loss =
        tg::binary_cross_entropy_with_logits(logits, tape.input(file["labels"]));
    const tg::Gradients gradients = tg::backward(loss);
    file.check("loss", loss.copy());
    file.check("logits", logits.copy());
    CHECK(gradients.size() == 10);
    for (const tg::Parameter& parameter : parameters)
      file.check("gradient." + dotted(parameter.name()), gradients.at(parameter));
    for (const tg::GradientEntry& entry : gradients) {
      const std::string& name = entry.parameter->name();
      CHECK_MESSAGE(entry.sparse == (name.find("user") != std::string::npos ||
                                     name.find("item") != std::string::npos),
                    name);
    }
  }
}
