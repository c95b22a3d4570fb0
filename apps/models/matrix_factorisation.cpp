#include <tapegrad/apps/models/matrix_factorisation.h>

#include <algorithm>
#include <utility>

#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/rating_factorisation.h>
#include <tapegrad/apps/models/softmax_fold_in.h>
#include <tapegrad/apps/models/stored_vectors.h>

namespace tapegrad::apps {

MatrixFactorisation::MatrixFactorisation(const Scope& scope, const ModelInputs& inputs,
                                         Index factors, double dropout)
    : users_(scope / "users", users_with_items(*inputs.pairs), factors, 0.1, inputs.user_features),
      items_(scope / "items", items_with_users(*inputs.pairs), factors, 0.1, inputs.item_features),
      biases_(scope / "biases", inputs.items(), 1, {.weight = nn::zeros()}),
      dropout_(dropout),
      pairs_(inputs.pairs) {}

std::vector<InputPart> MatrixFactorisation::input_parts(const Subject& subject,
                                                        std::int32_t item) const {
  std::vector<InputPart> parts = pair_parts(users_, items_, subject, item);
  if (parts.empty()) return parts;
  parts.push_back({InputKind::item_bias, item});
  return parts;
}

Tensor MatrixFactorisation::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  return dot(users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature),
             items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature)) +
         reshape(parts.sum(tape, InputKind::item_bias, biases_.weight()), {-1});
}

Tensor MatrixFactorisation::logits(Tape& tape, std::span<const std::int32_t> users,
                                   std::span<const std::int32_t> items) const {
  const Tensor product = dot(dropout(users_(tape, users), dropout_), items_(tape, items));
  return product + reshape(biases_(tape, items), {-1});
}

Tensor MatrixFactorisation::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Vectors own = vectors(tape, users, {});
  return matmul(own.users, own.items, {.right = true}) + reshape(own.biases, {1, -1});
}

InteractionModel::Vectors MatrixFactorisation::vectors(Tape& tape,
                                                       std::span<const std::int32_t> users,
                                                       std::span<const std::int32_t> items) const {
  const Tensor biases = items.empty() ? tape(biases_.weight()) : biases_(tape, items);
  return {.users = dropout(users_(tape, users), dropout_),
          .items = items_(tape, items),
          .biases = reshape(biases, {-1})};
}

void MatrixFactorisation::begin_new_users(Parameters& parameters,
                                          const std::shared_ptr<const UserItems>& known) const {
  const StoredVectors users(users_), items(items_);
  const auto width = static_cast<std::size_t>(users_.width());
  const auto known_items = static_cast<std::size_t>(known->item_count());
  const SoftmaxFoldIn fold_in(users.values(), items.values().first(known_items * width),
                              biases_.weight().value().values<float>().first(known_items), known);
  Parameter& ids = parameters.at(users_.ids().weight().name());
  std::vector<float> vector(width);
  for (Index user = known->user_count(); user < users_.count(); ++user) {
    // New items are numbered behind those that are known, and lists ascend.
    const auto all = pairs_->of(user);
    const auto count = static_cast<std::size_t>(
        std::ranges::lower_bound(all, static_cast<std::int32_t>(known_items)) - all.begin());
    const auto weights = pairs_->weights_of(user);
    const Person person{all.first(count), weights.empty() ? weights : weights.first(count)};
    if (!fold_in(person, vector)) continue;
    const std::size_t first = static_cast<std::size_t>(user) * width;
    const auto own = ids.mutable_value().values<float>().subspan(first, width);
    // The user's own row, and what the features add to it.
    for (std::size_t i = 0; i < width; ++i)
      own[i] = vector[i] - (users.values()[first + i] - own[i]);
  }
}

std::unique_ptr<const Recommender> MatrixFactorisation::recommender(Index) const {
  const StoredVectors users(users_), items(items_);
  const auto biases = biases_.weight().value().values<float>();
  return std::make_unique<DotRecommender>(
      users.values(), DotScores(items.values(), biases, items_.width()),
      SoftmaxFoldIn(users.values(), items.values(), biases, pairs_),
      std::make_shared<const std::pair<StoredVectors, StoredVectors>>(users, items));
}

ModelRow mf_row() {
  return {
      .name = "mf",
      .summary = "matrix factorisation: the product of a user's and an item's vector",
      .options = {{&model_options::factors, "192", {}, {"32", "64", "128", "192", "256", "384"}},
                  {&model_options::dropout, "0.3", {}, {"0", "0.1", "0.3", "0.5", "0.7"}},
                  {&model_options::loss, "auto"},
                  {&model_options::batch, "auto"},
                  {&model_options::negatives, "auto"}},
      .make = [](const ModelSettings& settings, const Scope& scope,
                 const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
        if (has_squared_loss(settings))
          return std::make_unique<RatingFactorisation>(scope, inputs,
                                                       settings.whole(model_options::factors),
                                                       settings.number(model_options::dropout));
        return std::make_unique<MatrixFactorisation>(scope, inputs,
                                                     settings.whole(model_options::factors),
                                                     settings.number(model_options::dropout));
      },
      .features = FeatureUse::if_asked,
      .numbers =
          [](const ModelSettings& settings, const ModelShape& shape) {
            const double width = static_cast<double>(settings.whole(model_options::factors));
            const bool is_rated = has_squared_loss(settings);
            return vectors_of_all(shape, width + 1.0) +
                   (is_rated ? width * static_cast<double>(shape.items) : 0.0);
          },
      .loop = {.max_epochs = 100,
               .patience = 10,
               .learning_rate = 0.003,
               .weight_decay = 0.6,
               .average_decay = 0.99},
      .tuned_loop = {{"learning-rate", {"0.001", "0.002", "0.003", "0.005", "0.01", "0.02"}},
                     {"weight-decay", {"0.03", "0.1", "0.3", "0.6", "1", "2", "4"}}}};
}

}  // namespace tapegrad::apps
