// The multinomial naive Bayes classifier.
#pragma once

#include <span>

#include <tapegrad/apps/classification/linear_scores.h>
#include <tapegrad/apps/classification/sparse_examples.h>

namespace tapegrad::apps {

// score_c = log P(c | x) + a constant of x = log(examples of c / all) + Σᵢ xᵢ·log P(i | c), with
//   P(i | c) = (smoothing + Σ xᵢ over examples of c) / (smoothing · width + Σ of all their numbers)
// for rows without negative numbers, such as counts. Source: Manning, Raghavan & Schütze,
// "Introduction to information retrieval", 2008, section 13.2.
LinearScores fit_naive_bayes(const SparseExamples& examples, std::span<const Index> classes,
                             Index class_count, double smoothing);

}  // namespace tapegrad::apps
