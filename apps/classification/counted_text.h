// Classifiers of texts by the counts of their n-grams.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tapegrad/apps/classification/linear_model.h>
#include <tapegrad/apps/text/tfidf.h>
#include <tapegrad/apps/text/tokeniser.h>

namespace tapegrad::apps {

// TF-IDF of a text, and linear scores of the classes.
class CountedText {
 public:
  struct Options {
    LinearKind kind = LinearKind::logistic_regression;
    TokenKind tokens = TokenKind::words;
    Index merges = 0;  // of byte pairs, at most
    TfIdfOptions tfidf{};
  };
  // Learns how to cut texts, and the n-grams and their weights from some of the texts, by their
  // numbers.
  CountedText(std::span<const std::string> texts, std::span<const Index> some,
              const Options& options);
  // As it was learnt before.
  CountedText(const Options& options, Cutting cutting, TfIdf tfidf, LinearModel model)
      : options_(options),
        cutting_(std::move(cutting)),
        tfidf_(std::move(tfidf)),
        model_(std::move(model)) {}

  // The rows of the texts.
  SparseExamples rows(std::span<const std::string> texts) const;
  // The logits of all targets' classes.
  std::vector<double> outputs(std::span<const FeatureEntry> row) const {
    return model_.outputs(row);
  }

  const Options& options() const { return options_; }
  const Cutting& cutting() const { return cutting_; }
  const TfIdf& tfidf() const { return tfidf_; }
  const LinearModel& model() const { return model_; }
  LinearModel& model() { return model_; }

 private:
  Options options_;
  Cutting cutting_;
  TfIdf tfidf_;
  LinearModel model_;
};

}  // namespace tapegrad::apps
