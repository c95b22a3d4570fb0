#include <tapegrad/apps/classification/counted_text.h>

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

CountedText::CountedText(std::span<const std::string> texts, std::span<const Index> some,
                         const Options& options)
    : options_(options), tfidf_(learn(texts, some, options)), model_(options.kind) {}

SparseExamples CountedText::rows(std::span<const std::string> texts) const {
  Tokeniser tokeniser(options_.tokens);
  SparseExamples rows;
  rows.width = tfidf_.width();
  for (const std::string& text : texts) rows.add(tfidf_.row(tokeniser.tokens(text)));
  return rows;
}

}  // namespace tapegrad::apps
