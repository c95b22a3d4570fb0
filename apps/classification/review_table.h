// Reviews by product and month: how they judge, and the words that tell each group from the others.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct Review {
  std::string product;
  std::string month;               // such as "2024-03"; empty where no time is known
  std::vector<std::string> words;  // in any order
  Index label = 0;                 // the class that a model says it is of
};

struct ReviewGroup {
  std::string product, month;
  Index reviews = 0;
  std::vector<Index> labels;         // how many reviews are of each class
  std::vector<std::string> telling;  // words, the most telling first
};

// The groups by product and month, each in the order of its text. Telling words are those that come
// more often in a group than in all other reviews by more than chance makes likely: whose log-odds
// ratio, with a prior of 50 words that are spread as in all reviews, lies 1.96 standard deviations
// or more above 0; at most `most` of them. A word counts once a review. Source: Monroe, Colaresi &
// Quinn, "Fightin' words", Political Analysis 2008, equations 15 to 22.
std::vector<ReviewGroup> review_groups(std::span<const Review> reviews, Index classes,
                                       std::size_t most);

}  // namespace tapegrad::apps
