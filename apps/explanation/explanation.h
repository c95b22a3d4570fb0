// What moved a score.
#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/models/input_parts.h>

namespace tapegrad::apps {

struct Contribution {
  InputPart part;
  double value = 0.0;  // above 0 where the part speaks for the item
};

struct Explanation {
  double score = 0.0;
  std::vector<Contribution> contributions;  // the greatest sizes first
  // Whether the contributions, with `without_all`, sum to the score, to within rounding.
  bool is_sum = false;
  double without_all = 0.0;  // the score where nothing is known
};

// Sorts the contributions, and finds out whether they sum to the score to within `tolerance` of it.
void finish(Explanation& explanation, double tolerance);

// A picture: a bar for each of the first contributions, named by `names`, to the right where it
// speaks for the item and to the left where it speaks against it.
std::string to_svg(const Explanation& explanation, const std::vector<std::string>& names,
                   const std::string& title);

}  // namespace tapegrad::apps
