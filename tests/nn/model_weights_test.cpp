// Weights of a model: by name, all or none.
#include "../graph/graph_test_tools.h"

#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::holds;
using graph_test::thrown;

}  // namespace

TEST_CASE("weights go from model to model by name, with dots for slashes") {
  tg::Parameters from(1), to(2), twice(3, tg::Dtype::float64);
  for (tg::Parameters* parameters : {&from, &to, &twice}) {
    nn::Mlp(parameters->root() / "tower", {3, 4, 2});
    nn::Embedding(parameters->root() / "items", 5, 2);
  }
  const auto weights = nn::weights_of(from);
  std::string names;
  for (const auto& [name, array] : weights) names += name + " ";
  CHECK(names == "items.weight tower.0.bias tower.0.weight tower.1.bias tower.1.weight ");
  nn::set_weights(to, weights);
  CHECK(nn::weights_of(to) == weights);
  for (const tg::Parameter& parameter : to) CHECK(parameter.version() == 1);
  nn::set_weights(twice, weights);
  for (const tg::Parameter& parameter : twice) {
    CHECK(parameter.dtype() == tg::Dtype::float64);
    CHECK(parameter.value() == from.at(parameter.name()).value().to(tg::Dtype::float64));
  }
}

TEST_CASE("weights that do not fit are told, and then the model is as it was") {
  tg::Parameters parameters(1), source(2);
  for (tg::Parameters* one : {&parameters, &source}) nn::Mlp(one->root() / "tower", {3, 4, 2});
  const auto before = nn::weights_of(parameters);
  const auto good = nn::weights_of(source);
  const auto setting = [&](const std::map<std::string, tg::Array>& weights,
                           const std::string& others = "") {
    return thrown([&] { nn::set_weights(parameters, weights, others); });
  };
  auto bad = good;
  bad.erase("tower.1.weight");
  CHECK(holds(setting(bad), "the weights lack tower.1.weight of shape [2, 4]"));
  bad = good;
  bad["tower.1.bias"] = tg::Array({3});
  CHECK(holds(setting(bad), "weight tower.1.bias has shape [3], the model's [2]"));
  bad = good;
  bad.emplace("tower.2.bias", tg::Array({3}));
  CHECK(holds(setting(bad), "the model has no parameter for weight tower.2.bias of shape [3]"));
  bad = good;
  bad.emplace("optimizer.steps", tg::Array());
  CHECK(holds(setting(bad), "the model has no parameter for weight optimizer.steps"));
  CHECK(holds(setting(bad, "scheduler."), "the model has no parameter for weight optimizer.steps"));
  CHECK(nn::weights_of(parameters) == before);
  CHECK(setting(bad, "optimizer.") == "nothing");
  CHECK(nn::weights_of(parameters) == good);
}
