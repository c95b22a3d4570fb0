#include <tapegrad/apps/classification/review_table.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace tapegrad::apps {
namespace {

using Counts = std::map<std::string, double>;

double sum_of(const Counts& counts) {
  double sum = 0.0;
  for (const auto& [word, count] : counts) sum += count;
  return sum;
}

std::vector<std::string> telling_words(const Counts& own, const Counts& all, double all_words,
                                       std::size_t most) {
  constexpr double prior_words = 50.0, least = 1.96;
  const double own_words = sum_of(own), other_words = all_words - own_words;
  std::vector<std::pair<double, std::string>> scored;
  for (const auto& [word, count] : own) {
    const double total = all.at(word), other = total - count;
    const double prior = prior_words * total / all_words;
    const double odds = (count + prior) / (own_words + prior_words - count - prior);
    const double other_odds = (other + prior) / (other_words + prior_words - other - prior);
    const double deviation = std::sqrt(1.0 / (count + prior) + 1.0 / (other + prior));
    const double score = (std::log(odds) - std::log(other_odds)) / deviation;
    if (score >= least) scored.emplace_back(score, word);
  }
  std::ranges::stable_sort(scored, std::greater<>(),
                           [](const std::pair<double, std::string>& one) { return one.first; });
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(most, scored.size()); ++i)
    words.push_back(std::move(scored[i].second));
  return words;
}

}  // namespace

std::vector<ReviewGroup> review_groups(std::span<const Review> reviews, Index classes,
                                       std::size_t most) {
  std::map<std::pair<std::string, std::string>, std::pair<ReviewGroup, Counts>> groups;
  Counts all;
  for (const Review& review : reviews) {
    auto& [group, counts] = groups[{review.product, review.month}];
    if (group.reviews == 0) {
      group.product = review.product;
      group.month = review.month;
      group.labels.resize(static_cast<std::size_t>(classes));
    }
    ++group.reviews;
    ++group.labels[static_cast<std::size_t>(review.label)];
    for (const std::string& word :
         std::set<std::string>(review.words.begin(), review.words.end())) {
      ++counts[word];
      ++all[word];
    }
  }
  const double all_words = sum_of(all);
  std::vector<ReviewGroup> found;
  for (auto& [key, value] : groups) {
    value.first.telling = telling_words(value.second, all, all_words, most);
    found.push_back(std::move(value.first));
  }
  return found;
}

}  // namespace tapegrad::apps
