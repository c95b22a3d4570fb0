// Texts as weighted counts of their words and of runs of words.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

struct TfIdfOptions {
  int longest = 2;      // n-grams of 1 to this many words
  Index min_texts = 2;  // n-grams that fewer texts have are left out
  // Whether parts of words (subwords.h) count as n-grams, too; they are written with "~" before.
  bool subwords = false;
};

// The n-grams of a list of words, in the order of their last words, each as its words with a blank
// between; `visit(std::string_view)`.
template <class Visit>
void for_each_ngram(std::span<const std::string> words, int longest, const Visit& visit) {
  std::string ngram;
  for (std::size_t last = 0; last < words.size(); ++last) {
    ngram.clear();
    for (int n = 0; n < longest && static_cast<std::size_t>(n) <= last; ++n) {
      const std::string& word = words[last - static_cast<std::size_t>(n)];
      ngram = n == 0 ? word : word + " " + ngram;
      visit(std::string_view(ngram));
    }
  }
}

// A row has (1 + log count)·(1 + log((1 + texts) / (1 + texts with the n-gram))) for each n-gram of
// its text that the training had, scaled to a norm of 1. Sources: Salton & Buckley, Information
// Processing & Management 1988; the smoothed idf is that of scikit-learn.
class TfIdf {
 public:
  // Learns n-grams and their weights from the training's texts, given as words.
  TfIdf(std::span<const std::vector<std::string>> texts, const TfIdfOptions& options);
  // From n-grams and weights that were learnt before.
  TfIdf(IdMap ngrams, std::vector<double> idf, const TfIdfOptions& options)
      : options_(options), ngrams_(std::move(ngrams)), idf_(std::move(idf)) {}
  Index width() const { return ngrams_.size(); }
  const std::string& ngram(Index place) const { return ngrams_.name(place); }
  std::span<const double> idf() const { return idf_; }
  // Ascending by place; empty for a text without known n-grams.
  std::vector<FeatureEntry> row(std::span<const std::string> words) const;

  const TfIdfOptions& options() const { return options_; }

 private:
  template <class Visit>
  void for_each_term(std::span<const std::string> words, const Visit& visit) const;

  TfIdfOptions options_;
  IdMap ngrams_;
  std::vector<double> idf_;
};

}  // namespace tapegrad::apps
