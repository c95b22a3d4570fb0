#pragma once

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_row.h>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace tapegrad::apps {

struct EaseOptions {
  double lambda = 500.0;  // weight of the squared norm of B, above 0
  int threads = 1;        // the result has the same bits for any number
  // More items are refused, since the working memory is 16 bytes times the items squared.
  Index maximum_items = 20000;
  // Is told what is done and how far it is; on one thread at a time.
  std::function<void(const std::string& part, Index done, Index all)> progress{};
};

// Row B_i of the weights: what an item of a user counts in the score of each item.
using EaseRows = std::function<std::span<const float>(Index item)>;

// EASE: a linear item-item model in closed form (Steck, "Embarrassingly Shallow Autoencoders for
// Sparse Data", WWW 2019).
//
// With the matrix X of users by items, 1 (or the pair's weight) where a user has an item: G = X'X +
// lambda I, P = inverse of G, B_ij = -P_ij / P_jj with a zero diagonal; the scores of a user are
// its row of X times B. Solved in double precision by a blocked Cholesky decomposition, B is kept
// in single precision.
class EaseRecommender : public Recommender {
 public:
  // Trains. Throws OptionError for lambda, threads or the number of items out of range.
  explicit EaseRecommender(std::shared_ptr<const UserItems> training,
                           const EaseOptions& options = {});
  // Takes the weights of one that was trained on the same. `rows` is asked for those that are
  // wanted, by several threads at once, and may throw.
  EaseRecommender(std::shared_ptr<const UserItems> training, EaseRows rows);

  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;
  bool score_similar(std::int32_t item, std::span<float> scores) const override;

  std::span<const float> row(Index item) const { return rows_(item); }

 private:
  void add_scores(const Person& person, std::span<const std::int32_t> items,
                  std::span<float> scores) const;

  std::shared_ptr<const UserItems> training_;
  EaseRows rows_;
};

// Model `ease`.
ModelRow ease_row();

}  // namespace tapegrad::apps
