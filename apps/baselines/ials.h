// Matrix factorisation of implicit feedback by alternating least squares.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

struct IalsOptions {
  Index factors = 64;
  double lambda = 0.003;  // above 0
  double alpha = 0.1;     // above 0
  Index sweeps = 16;      // over all users, then over all items
  std::uint64_t seed = 1;
  int threads = 1;  // the result has the same bits for any number
  FitProgress progress{};
};

// What minimises, over vectors p_u [factors] and q_i [factors],
//   Σ_{(u,i) pairs} w_ui (1 - ⟨p_u, q_i⟩)² + α Σ_{u,i} ⟨p_u, q_i⟩²
//     + λ (Σ_u r_u |p_u|² + Σ_i r_i |q_i|²),
//   r_u = Σ_i w_ui + α · items,   r_i = Σ_u w_ui + α · users,
// with w the weights of the pairs. Each sweep improves all p with q fixed, then all q with p fixed,
// by a few steps of conjugate gradients from where they are. Sources: Hu, Koren & Volinsky, ICDM
// 2008; the regularisation by frequency and how to choose it: Rendle, Krichene, Zhang & Koren,
// "Revisiting the Performance of iALS on Item Recommendation Benchmarks", RecSys 2022; conjugate
// gradients: Takács, Pilászy & Tikk, RecSys 2011.
struct IalsVectors {
  Index factors = 0;
  std::vector<float> users;  // [users, factors]
  std::vector<float> items;  // [items, factors]
};

// Begins with random vectors. Throws OptionError for options out of their ranges.
IalsVectors fit_ials(const UserItems& pairs, const IalsOptions& options);
// Begins with the vectors of another fit, whose users and items are the first ones of `pairs`; the
// others begin with random vectors.
IalsVectors fit_ials(const UserItems& pairs, const IalsOptions& options, const IalsVectors& before);

// One half of a sweep: improves `rows` [rows of pairs, factors] with `others` fixed. With the pairs
// transposed it improves items.
void improve_rows(const UserItems& pairs, std::span<const float> others, const IalsOptions& options,
                  std::span<float> rows);

// The vectors of people who were not trained with, with the items' vectors fixed: exactly, through
// a Cholesky decomposition.
class IalsFoldIn {
 public:
  IalsFoldIn(std::span<const float> items, Index factors, double lambda, double alpha);
  // False without a history.
  bool operator()(const Person& person, std::span<float> vector) const;

 private:
  std::span<const float> items_;
  Index factors_;
  double lambda_, alpha_;
  std::vector<double> gram_;  // α Q'Q
};

// Model `ials`.
ModelRow ials_row();

}  // namespace tapegrad::apps
