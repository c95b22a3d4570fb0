#include <tapegrad/apps/models/grown_network.h>

#include <algorithm>
#include <span>
#include <utility>

#include <tapegrad/apps/models/changed_events.h>
#include <tapegrad/apps/models/registry.h>

namespace tapegrad::apps {
namespace {

void copy_common(const Array& from, Array& into) {
  const Shape& old_shape = from.shape();
  const Shape& new_shape = into.shape();
  const auto old_values = from.values<float>();
  const auto new_values = into.values<float>();
  const auto columns = [](const Shape& shape) {
    return shape.rank() < 2 ? std::size_t{1} : static_cast<std::size_t>(shape[1]);
  };
  const auto rows = static_cast<std::size_t>(std::min(old_shape[0], new_shape[0]));
  const std::size_t width = std::min(columns(old_shape), columns(new_shape));
  for (std::size_t row = 0; row < rows; ++row)
    std::ranges::copy(old_values.subspan(row * columns(old_shape), width),
                      new_values.subspan(row * columns(new_shape), width).begin());
}

}  // namespace

void copy_common(const Parameters& from, Parameters& into) {
  for (Parameter& parameter : into)
    copy_common(from.at(parameter.name()).value(), parameter.mutable_value());
}

void add_people(StoredModel& model, const FeatureTable& people) {
  const std::shared_ptr<FittedModel> fitted = model.fitted;
  add_users(model, people);
  auto parameters = std::make_unique<Parameters>(model.seed);
  auto network = model_row(model.name).make(model.settings, parameters->root(), model.inputs());
  copy_common(dynamic_cast<const NeuralModel&>(*fitted).parameters(), *parameters);
  model.fitted =
      std::make_shared<NeuralModel>(std::move(parameters), std::move(network), model.items.size());
}

}  // namespace tapegrad::apps
