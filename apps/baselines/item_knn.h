// Items that are had by the same users.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

enum class KnnWeighting {
  cosine,  // similarity(i, j) = ⟨x_i, x_j⟩ / (|x_i| |x_j| + shrinkage), x_i an item's weights by
           // user
  bm25  // similarity(i, j) = ⟨y_i, y_j⟩ / (1 + shrinkage / √(n_i n_j)), y as below
};

struct ItemKnnOptions {
  KnnWeighting weighting = KnnWeighting::cosine;
  Index neighbours = 100;  // kept for each item, itself besides
  double shrinkage = 0.0;
  int threads = 1;  // the result has the same bits for any number
  FitProgress progress{};
};

// For each item the most similar ones, best first, equal ones by number, itself among them.
struct Neighbours {
  std::vector<Index> offsets{0};  // of each item's part, and the end
  std::vector<std::int32_t> items;
  std::vector<float> similarities;

  Index item_count() const { return static_cast<Index>(offsets.size()) - 1; }
};

// With BM25 the weight w of user u for item i becomes
//   y = idf_u · w (k₁ + 1) / (w + k₁ (1 - b + b |i| / mean|i|)),   k₁ = 1.2, b = 0.75,
//   idf_u = log(items) - log(1 + items of u),   |i| = the sum of the item's weights.
// Sources: cosine: Sarwar et al., WWW 2001; shrinkage: Bell & Koren, ICDM 2007; BM25: Robertson &
// Zaragoza 2009, with users in the place of terms and items in the place of documents. Throws
// OptionError for no neighbours, a shrinkage below 0, or no threads.
Neighbours find_neighbours(const UserItems& pairs, const ItemKnnOptions& options);

// The score of an item is the sum over the user's items j of weight_j · similarity(j, item), over
// the neighbours of j.
class ItemKnnRecommender : public Recommender {
 public:
  ItemKnnRecommender(std::shared_ptr<const UserItems> pairs,
                     std::shared_ptr<const Neighbours> neighbours);
  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override;
  bool score_person(const Person& person, std::span<float> scores) const override;
  bool score_similar(std::int32_t item, std::span<float> scores) const override;

 private:
  std::shared_ptr<const UserItems> pairs_;
  std::shared_ptr<const Neighbours> neighbours_;
};

// Model `item-knn`.
ModelRow item_knn_row();

}  // namespace tapegrad::apps
