#include <tapegrad/apps/classification/known_answers.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <utility>

#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/apps/text/tfidf.h>
#include <tapegrad/apps/text/tokeniser.h>

namespace tapegrad::apps {

KnownAnswers::KnownAnswers(std::vector<std::string> questions, std::vector<std::string> answers,
                           Embed embed)
    : questions_(std::move(questions)), answers_(std::move(answers)), embed_(std::move(embed)) {
  for (const std::string& question : questions_) {
    const auto number = static_cast<Index>(rows_.size());
    rows_.push_back(embed_(question));
    for (const FeatureEntry& entry : rows_.back()) {
      const auto place = static_cast<std::size_t>(entry.place);
      if (postings_.size() <= place) postings_.resize(place + 1);
      postings_[place].push_back({number, entry.value});
    }
  }
}

std::vector<double> KnownAnswers::similarities(const std::vector<FeatureEntry>& row) const {
  std::vector<double> sums(questions_.size(), 0.0);
  for (const FeatureEntry& entry : row) {
    const auto place = static_cast<std::size_t>(entry.place);
    if (place >= postings_.size()) continue;
    for (const Posting& posting : postings_[place])
      sums[static_cast<std::size_t>(posting.question)] +=
          static_cast<double>(entry.value) * static_cast<double>(posting.value);
  }
  return sums;
}

std::vector<KnownAnswers::Found> KnownAnswers::nearest(const std::string& question,
                                                       std::size_t count) const {
  const std::vector<double> similar = similarities(embed_(question));
  std::vector<std::size_t> order(similar.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return similar[i]; });
  std::vector<Found> found;
  std::set<std::string> seen;
  for (const std::size_t i : order) {
    if (found.size() == count) break;
    if (seen.insert(answers_[i]).second) found.push_back({static_cast<Index>(i), similar[i]});
  }
  return found;
}

std::optional<KnownAnswers::Threshold> KnownAnswers::choose_threshold(double precision) const {
  std::map<std::string, Index> shared;
  for (const std::string& answer : answers_) ++shared[answer];
  const auto judged = std::ranges::count_if(
      answers_, [&](const std::string& answer) { return shared[answer] > 1; });
  constexpr std::ptrdiff_t fewest = 10;
  if (judged < fewest) return {};
  Binary guesses;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    std::vector<double> similar = similarities(rows_[i]);
    similar[i] = -1.0;
    const auto best = static_cast<std::size_t>(std::ranges::max_element(similar) - similar.begin());
    guesses.probabilities.push_back(similar[best]);
    guesses.happened.push_back(answers_[best] == answers_[i]);
  }
  Threshold chosen{.similarity = threshold_for_precision(guesses, precision),
                   .asked = static_cast<Index>(questions_.size())};
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    if (guesses.probabilities[i] < chosen.similarity) continue;
    ++chosen.answered;
    chosen.right += guesses.happened[i] ? 1 : 0;
  }
  return chosen;
}

KnownAnswers::Embed count_words_of(const std::vector<std::string>& questions) {
  static const Cutting by_words{};
  const auto tokeniser = std::make_shared<Tokeniser>(by_words);
  std::vector<std::vector<std::string>> words;
  for (const std::string& question : questions) words.push_back(tokeniser->tokens(question));
  const auto tfidf = std::make_shared<const TfIdf>(
      words, TfIdfOptions{.longest = 2, .min_texts = 1, .subwords = true});
  return [tokeniser, tfidf](const std::string& question) {
    return tfidf->row(tokeniser->tokens(question));
  };
}

}  // namespace tapegrad::apps
