// The multinomial naive Bayes classifier.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/classification/sparse_examples.h>

namespace tapegrad::apps {

// log P(class c | x) = log(examples of c / all) + Σᵢ xᵢ·log P(i | c) + constant, with
//   P(i | c) = (smoothing + Σ xᵢ over examples of c) / (smoothing · width + Σ of all their numbers)
// for rows without negative numbers, such as counts. Source: Manning, Raghavan & Schütze,
// "Introduction to information retrieval", 2008, section 13.2.
class NaiveBayes {
 public:
  NaiveBayes(const SparseExamples& examples, std::span<const Index> classes, Index class_count,
             double smoothing = 1.0);
  // By class, with a sum of 1; a class without examples has 0.
  std::vector<double> probabilities(std::span<const FeatureEntry> row) const;

 private:
  Index classes_, width_;
  std::vector<double> priors_, likelihoods_;  // logarithms: [classes], [classes, width]
};

}  // namespace tapegrad::apps
