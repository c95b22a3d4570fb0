#pragma once

#include <cstdint>
#include <span>

namespace tapegrad::apps {

// Somebody whom a model need not have been trained with.
struct Person {
  std::span<const std::int32_t> items;  // of the history, distinct, ascending
  std::span<const float> weights;       // of these items, as UserItems has them; empty: all 1
};

// A trained model that scores items for a user, higher is better; one const recommender is used
// from many threads.
class Recommender {
 public:
  Recommender() = default;
  Recommender(const Recommender&) = default;
  Recommender& operator=(const Recommender&) = default;
  virtual ~Recommender() = default;

  // Writes one score for each of `items`, or for every item by number where `items` is empty;
  // `scores` has that size. An item's score must not depend on which other items are asked for.
  virtual void score(std::int32_t user, std::span<const std::int32_t> items,
                     std::span<float> scores) const = 0;

  // Writes the scores of all items for each of several users, [users, items]: the same bits as
  // score() one by one, but faster where a model can.
  virtual void score_users(std::span<const std::int32_t> users, std::span<float> scores) const {
    const std::size_t items = users.empty() ? 0 : scores.size() / users.size();
    for (std::size_t i = 0; i < users.size(); ++i)
      score(users[i], {}, scores.subspan(i * items, items));
  }

  // Writes the scores of all items for somebody with this history. Returns false, and writes
  // nothing, where the model only knows the users that it was trained with, or nothing can be said
  // from this history.
  virtual bool score_person(const Person& /*person*/, std::span<float> /*scores*/) const {
    return false;
  }

  // Writes how alike all items are to one, by what was learnt of them; more is more alike. Returns
  // false, and writes nothing, where the model knows no such thing.
  virtual bool score_similar(std::int32_t /*item*/, std::span<float> /*scores*/) const {
    return false;
  }
};

}  // namespace tapegrad::apps
