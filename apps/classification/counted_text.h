// Classifiers of texts by the counts of their n-grams.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/linear_scores.h>
#include <tapegrad/apps/classification/sparse_examples.h>
#include <tapegrad/apps/text/tfidf.h>
#include <tapegrad/apps/text/tokeniser.h>

namespace tapegrad::apps {

enum class CountedKind { logistic_regression, linear_svm, naive_bayes };
// Of the name of a model.
CountedKind counted_kind_of(const std::string& name);

// TF-IDF of a text, and for each target linear scores of its classes.
class CountedText {
 public:
  struct Options {
    CountedKind kind = CountedKind::logistic_regression;
    TokenKind tokens = TokenKind::words;
    TfIdfOptions tfidf{};
  };
  // Learns the n-grams and their weights from some of the texts, by their numbers.
  CountedText(std::span<const std::string> texts, std::span<const Index> some,
              const Options& options);
  // As it was learnt before.
  CountedText(const Options& options, TfIdf tfidf, std::vector<LinearScores> scores)
      : options_(options), tfidf_(std::move(tfidf)), scores_(std::move(scores)) {}

  // The rows of the texts.
  SparseExamples rows(std::span<const std::string> texts) const;
  // Fits the scores of all targets to some of the rows; `strength` is the cost of linear models,
  // and the smoothing of naive Bayes. Throws DataError where these are of one class.
  void fit(const SparseExamples& rows, std::span<const Labels> truth, std::span<const Index> some,
           double strength);
  // The logits of all targets' classes.
  std::vector<double> outputs(std::span<const FeatureEntry> row) const;

  const Options& options() const { return options_; }
  const TfIdf& tfidf() const { return tfidf_; }
  const std::vector<LinearScores>& scores() const { return scores_; }

 private:
  Options options_;
  TfIdf tfidf_;
  std::vector<LinearScores> scores_;  // by target
};

}  // namespace tapegrad::apps
