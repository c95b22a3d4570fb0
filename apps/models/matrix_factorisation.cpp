#include <tapegrad/apps/models/matrix_factorisation.h>

namespace tapegrad::apps {

MatrixFactorisation::MatrixFactorisation(const Scope& scope, Index users, Index items,
                                         Index factors, double dropout)
    : users_(scope / "users", users, factors, {.weight = nn::normal(0.0, 0.1)}),
      items_(scope / "items", items, factors, {.weight = nn::normal(0.0, 0.1)}),
      biases_(scope / "biases", items, 1, {.weight = nn::zeros()}),
      dropout_(dropout) {}

Tensor MatrixFactorisation::logits(Tape& tape, std::span<const std::int32_t> users,
                                   std::span<const std::int32_t> items) const {
  const Tensor ids = tape.ids(items);
  const Tensor product = dot(dropout(users_(tape, users), dropout_), items_(ids));
  return product + reshape(biases_(ids), {-1});
}

Tensor MatrixFactorisation::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Tensor product =
      matmul(dropout(users_(tape, users), dropout_), tape(items_.weight()), {.right = true});
  return product + reshape(tape(biases_.weight()), {1, -1});
}

}  // namespace tapegrad::apps
