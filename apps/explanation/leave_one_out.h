// Which items of a history moved a score.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct Contribution {
  std::int32_t item = 0;  // of the history
  double value = 0.0;  // the score less the score without it: above 0 where it speaks for the item
};

struct Explanation {
  double score = 0.0;
  std::vector<Contribution> contributions;  // the greatest sizes first
  // Whether the contributions sum to the score, to within rounding: they do for models that add up
  // what each item of a history counts, which are explained exactly.
  bool is_sum = false;
};

// Scores the item for the whole history, and for the history without each of its items in turn.
// `items` is the number of all items. Throws OptionError for a model that cannot score histories.
Explanation explain_by_leaving_out(const Recommender& recommender, const Person& person,
                                   std::int32_t item, Index items);

// A picture: a bar for each of the first contributions, named by `names`, to the right where it
// speaks for the item and to the left where it speaks against it.
std::string to_svg(const Explanation& explanation, const std::vector<std::string>& names,
                   const std::string& title);

}  // namespace tapegrad::apps
