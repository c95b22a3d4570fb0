#include <tapegrad/apps/models/matrix_factorisation.h>

#include <utility>

#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/softmax_fold_in.h>

namespace tapegrad::apps {

MatrixFactorisation::MatrixFactorisation(const Scope& scope, std::shared_ptr<const UserItems> pairs,
                                         Index factors, double dropout)
    : users_(scope / "users", pairs->user_count(), factors, {.weight = nn::normal(0.0, 0.1)}),
      items_(scope / "items", pairs->item_count(), factors, {.weight = nn::normal(0.0, 0.1)}),
      biases_(scope / "biases", pairs->item_count(), 1, {.weight = nn::zeros()}),
      dropout_(dropout),
      pairs_(std::move(pairs)) {}

Tensor MatrixFactorisation::logits(Tape& tape, std::span<const std::int32_t> users,
                                   std::span<const std::int32_t> items) const {
  const Tensor ids = tape.ids(items);
  const Tensor product = dot(dropout(users_(tape, users), dropout_), items_(ids));
  return product + reshape(biases_(ids), {-1});
}

Tensor MatrixFactorisation::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Vectors own = vectors(tape, users);
  return matmul(own.users, own.items, {.right = true}) + reshape(own.biases, {1, -1});
}

InteractionModel::Vectors MatrixFactorisation::vectors(Tape& tape,
                                                       std::span<const std::int32_t> users) const {
  return {.users = dropout(users_(tape, users), dropout_),
          .items = tape(items_.weight()),
          .biases = reshape(tape(biases_.weight()), {-1})};
}

std::unique_ptr<const Recommender> MatrixFactorisation::recommender(Index) const {
  const auto users = users_.weight().value().values<float>();
  const auto items = items_.weight().value().values<float>();
  const auto biases = biases_.weight().value().values<float>();
  const Index width = items_.weight().value().shape()[1];
  return std::make_unique<DotRecommender>(users, DotScores(items, biases, width),
                                          SoftmaxFoldIn(users, items, biases, pairs_));
}

ModelRow mf_row() {
  return {.name = "mf",
          .summary = "matrix factorisation: the product of a user's and an item's vector",
          .options = {{&model_options::factors, "192"},
                      {&model_options::dropout, "0.3"},
                      {&model_options::loss, "auto"},
                      {&model_options::batch, "auto"},
                      {&model_options::negatives, "auto"}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
            return std::make_unique<MatrixFactorisation>(scope, inputs.pairs,
                                                         settings.whole(model_options::factors),
                                                         settings.number(model_options::dropout));
          },
          .loop = {.max_epochs = 100,
                   .patience = 10,
                   .learning_rate = 0.003,
                   .weight_decay = 0.6,
                   .average_decay = 0.99}};
}

}  // namespace tapegrad::apps
