// Byte-pair encoding: words as the pieces that are frequent in them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// A word begins as its code points, the first with "▁" (U+2581) before it. Two pieces that stand
// beside each other become one, again and again, by the merge that was learnt first, until none is
// left that was learnt. Of a word of more than 100 code points, each hundred is cut by itself.
// Source: Sennrich, Haddow & Birch, "Neural machine translation of rare words with subword units",
// ACL 2016.
class BytePairs {
 public:
  BytePairs() = default;
  // Learns at most so many merges from words and how often each of them comes: each time the most
  // frequent pair, of equally frequent ones the first by their bytes. Ends before a pair that comes
  // once only.
  static BytePairs learn(const std::map<std::string, Index>& words, Index merges);
  // As they were learnt before, in their order; each is its two pieces with a blank between. Throws
  // DataError for one that is not.
  explicit BytePairs(IdMap merges);

  // The pieces of a word in UTF-8, in their order.
  std::vector<std::string> pieces(std::string_view word) const;
  const IdMap& merges() const { return merges_; }

 private:
  void add_pieces(std::string_view word, std::string_view before,
                  std::vector<std::string>& pieces) const;

  IdMap merges_;
};

}  // namespace tapegrad::apps
