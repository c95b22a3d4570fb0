#include <tapegrad/apps/models/tested_model.h>

namespace tapegrad::apps {

TestedModel test_model(const StoredModel& model, const Split& split, int k, Index longest,
                       int threads) {
  TestedModel tested;
  tested.ranked =
      rank_cases(*make_recommender(model), split.cases, *split.not_competing(), longest, threads);
  tested.result = result_of(tested.ranked, model.name, split, k);
  if (const auto ratings = model.fitted->ratings(); ratings && !split.tested.ratings.empty())
    tested.result.ratings = rating_errors(*ratings, split.tested, threads);
  return tested;
}

}  // namespace tapegrad::apps
