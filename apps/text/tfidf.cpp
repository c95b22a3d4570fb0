#include <tapegrad/apps/text/tfidf.h>

#include <cmath>
#include <map>
#include <string_view>

#include <tapegrad/apps/text/subwords.h>

namespace tapegrad::apps {

template <class Visit>
void TfIdf::for_each_term(std::span<const std::string> words, const Visit& visit) const {
  for_each_ngram(words, options_.longest, visit);
  if (!options_.subwords) return;
  std::string marked;
  for (const std::string& word : words) {
    for_each_subword(word, [&](std::string_view subword) {
      marked.assign(1, '~');
      marked += subword;
      visit(std::string_view(marked));
    });
  }
}

TfIdf::TfIdf(std::span<const std::vector<std::string>> texts, const TfIdfOptions& options)
    : options_(options) {
  IdMap all;
  std::vector<Index> with, last;  // of each n-gram: texts that have it, and the last of them
  for (std::size_t text = 0; text < texts.size(); ++text) {
    for_each_term(texts[text], [&](std::string_view ngram) {
      const auto place = static_cast<std::size_t>(all.insert(ngram));
      if (place == with.size()) {
        with.push_back(0);
        last.push_back(-1);
      }
      if (last[place] == static_cast<Index>(text)) return;
      last[place] = static_cast<Index>(text);
      ++with[place];
    });
  }
  const double count = 1.0 + static_cast<double>(texts.size());
  for (Index place = 0; place < all.size(); ++place) {
    const Index own = with[static_cast<std::size_t>(place)];
    if (own < options.min_texts) continue;
    ngrams_.insert(all.name(place));
    idf_.push_back(1.0 + std::log(count / (1.0 + static_cast<double>(own))));
  }
}

std::vector<FeatureEntry> TfIdf::row(std::span<const std::string> words) const {
  std::map<Index, double> counts;
  for_each_term(words, [&](std::string_view ngram) {
    const Index place = ngrams_.find(ngram);
    if (place >= 0) counts[place] += 1.0;
  });
  double squares = 0.0;
  for (auto& [place, value] : counts) {
    value = (1.0 + std::log(value)) * idf_[static_cast<std::size_t>(place)];
    squares += value * value;
  }
  std::vector<FeatureEntry> row;
  for (const auto& [place, value] : counts)
    row.push_back({.place = static_cast<std::int32_t>(place),
                   .value = static_cast<float>(value / std::sqrt(squares))});
  return row;
}

}  // namespace tapegrad::apps
