#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tapegrad::apps {

struct EaseOptions {
  double lambda = 500.0;        // weight of the squared norm of B, above 0
  int threads = 1;              // the result has the same bits for any number
  Index maximum_items = 20000;  // refuse more: the working memory is 16 bytes times the items squared
  // Is told what is done and how far it is; on one thread at a time.
  std::function<void(const std::string& part, Index done, Index all)> progress{};
};

// EASE: a linear item-item model in closed form (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019).
//
// With the binary matrix X of users by items: G = X'X + lambda I, P = inverse of G, B_ij = -P_ij / P_jj with a zero
// diagonal; the scores of a user are its row of X times B. Solved in double precision by a blocked Cholesky
// decomposition, B is kept in single precision.
class EaseRecommender : public Recommender {
 public:
  // Trains; keeps a copy of `training`. Throws OptionError for lambda, threads or the number of items out of range.
  explicit EaseRecommender(const UserItems& training, const EaseOptions& options = {});
  // Takes the weights of one that was trained on the same, row by row.
  EaseRecommender(const UserItems& training, std::vector<float> weights);

  void score(std::int32_t user, std::span<const std::int32_t> items, std::span<float> scores) const override;

  // The weight B_ij of item `from` of a user in the score of item `to`.
  float weight(std::int32_t from, std::int32_t to) const;
  std::span<const float> weights() const { return *weights_; }

 private:
  UserItems training_;
  std::shared_ptr<const std::vector<float>> weights_;  // B, row by row; copies share them
};

}  // namespace tapegrad::apps
