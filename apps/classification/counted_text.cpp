#include <tapegrad/apps/classification/counted_text.h>

#include <stdexcept>

#include <tapegrad/apps/classification/linear_classifier.h>
#include <tapegrad/apps/classification/naive_bayes.h>

namespace tapegrad::apps {
namespace {

TfIdf learn(std::span<const std::string> texts, std::span<const Index> some,
            const CountedText::Options& options) {
  Tokeniser tokeniser(options.tokens);
  std::vector<std::vector<std::string>> words;
  for (const Index text : some)
    words.push_back(tokeniser.tokens(texts[static_cast<std::size_t>(text)]));
  return {words, options.tfidf};
}

}  // namespace

CountedKind counted_kind_of(const std::string& name) {
  if (name == "logistic-regression") return CountedKind::logistic_regression;
  if (name == "linear-svm") return CountedKind::linear_svm;
  if (name == "naive-bayes") return CountedKind::naive_bayes;
  throw std::logic_error(name + " is no model of counts");
}

CountedText::CountedText(std::span<const std::string> texts, std::span<const Index> some,
                         const Options& options)
    : options_(options), tfidf_(learn(texts, some, options)) {}

SparseExamples CountedText::rows(std::span<const std::string> texts) const {
  Tokeniser tokeniser(options_.tokens);
  SparseExamples rows;
  rows.width = tfidf_.width();
  for (const std::string& text : texts) rows.add(tfidf_.row(tokeniser.tokens(text)));
  return rows;
}

void CountedText::fit(const SparseExamples& rows, std::span<const Labels> truth,
                      std::span<const Index> some, double strength) {
  SparseExamples own;
  own.width = rows.width;
  for (const Index i : some) own.add(rows.row(i));
  scores_.clear();
  for (const Labels& labels : truth) {
    std::vector<Index> classes;
    for (const Index i : some) classes.push_back(labels.of[static_cast<std::size_t>(i)]);
    const Index count = labels.classes.size();
    if (options_.kind == CountedKind::naive_bayes) {
      scores_.push_back(fit_naive_bayes(own, classes, count, strength));
    } else {
      const LinearLoss loss = options_.kind == CountedKind::linear_svm ? LinearLoss::squared_hinge
                                                                       : LinearLoss::logistic;
      scores_.push_back(fit_linear(own, classes, count, loss, strength));
    }
  }
}

std::vector<double> CountedText::outputs(std::span<const FeatureEntry> row) const {
  std::vector<double> outputs;
  for (const LinearScores& scores : scores_) {
    std::vector<double> own = scores.of(row);
    if (options_.kind == CountedKind::logistic_regression) own = log_sigmoids(std::move(own));
    outputs.insert(outputs.end(), own.begin(), own.end());
  }
  return outputs;
}

}  // namespace tapegrad::apps
