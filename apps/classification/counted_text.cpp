#include <tapegrad/apps/classification/counted_text.h>

namespace tapegrad::apps {
namespace {

TfIdf learn(const Cutting& cutting, std::span<const std::string> texts, std::span<const Index> some,
            const TfIdfOptions& options) {
  Tokeniser tokeniser(cutting);
  std::vector<std::vector<std::string>> words;
  for (const Index text : some)
    words.push_back(tokeniser.tokens(texts[static_cast<std::size_t>(text)]));
  return {words, options};
}

}  // namespace

CountedText::CountedText(std::span<const std::string> texts, std::span<const Index> some,
                         const Options& options)
    : options_(options),
      cutting_(learn_cutting(options.tokens, options.merges, texts, some)),
      tfidf_(learn(cutting_, texts, some, options.tfidf)),
      model_(options.kind) {}

SparseExamples CountedText::rows(std::span<const std::string> texts) const {
  Tokeniser tokeniser(cutting_);
  SparseExamples rows;
  rows.width = tfidf_.width();
  for (const std::string& text : texts) rows.add(tfidf_.row(tokeniser.tokens(text)));
  return rows;
}

}  // namespace tapegrad::apps
