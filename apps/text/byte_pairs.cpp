#include <tapegrad/apps/text/byte_pairs.h>

#include <algorithm>
#include <iterator>
#include <queue>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/text/subwords.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

constexpr std::string_view word_begin = "\u2581";

// The code points of a word, `before` in front of the first one.
std::vector<std::string> points_of(std::string_view word, std::string_view before) {
  std::vector<std::string> points;
  for (const char byte : word) {
    const bool continues = (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
    if (points.empty())
      points.push_back(std::string(before) + byte);
    else if (continues)
      points.back() += byte;
    else
      points.emplace_back(1, byte);
  }
  return points;
}

std::string merge_name(const std::string& left, const std::string& right) {
  return left + ' ' + right;
}

// Words as numbers of pieces, with the pairs that stand in them.
class Learner {
 public:
  explicit Learner(const std::map<std::string, Index>& words) {
    for (const auto& [word, count] : words) {
      Word own{.pieces = {}, .count = count};
      for (const std::string& point : points_of(word, word_begin))
        own.pieces.push_back(pieces_.insert(point));
      if (own.pieces.size() > longest_cut_word) continue;  // no word that anybody wrote
      words_.push_back(std::move(own));
      count_pairs(words_.size() - 1, 1);
    }
    for (const auto& [pair, count] : counts_) push(pair);
  }

  IdMap merges(Index most) {
    IdMap learnt;
    while (learnt.size() < most && !queue_.empty()) {
      const auto [count, name, pair] = queue_.top();
      queue_.pop();
      const Index now = counts_[pair];
      if (now != count) {
        push(pair);  // it was counted before other merges
        continue;
      }
      if (count < 2) break;
      learnt.insert(merge_name(pieces_.name(pair.first), pieces_.name(pair.second)));
      merge(pair);
    }
    return learnt;
  }

 private:
  using Pair = std::pair<Index, Index>;
  struct Word {
    std::vector<Index> pieces;
    Index count = 0;
  };
  struct Candidate {
    Index count;
    std::string name;
    Pair pair;
    bool operator<(const Candidate& other) const {
      return std::tie(count, other.name) < std::tie(other.count, name);
    }
  };

  void push(const Pair& pair) {
    const Index count = counts_[pair];
    if (count > 0)
      queue_.push({count, merge_name(pieces_.name(pair.first), pieces_.name(pair.second)), pair});
  }

  void count_pairs(std::size_t word, Index sign) {
    const Word& own = words_[word];
    for (std::size_t i = 0; i + 1 < own.pieces.size(); ++i) {
      const Pair pair{own.pieces[i], own.pieces[i + 1]};
      counts_[pair] += sign * own.count;
      if (sign > 0) words_with_[pair].insert(word);
    }
  }

  void merge(const Pair& pair) {
    const Index whole = pieces_.insert(pieces_.name(pair.first) + pieces_.name(pair.second));
    const std::set<std::size_t> changed = std::move(words_with_[pair]);
    words_with_.erase(pair);
    std::set<Pair> touched;
    for (const std::size_t word : changed) {
      count_pairs(word, -1);
      std::vector<Index>& pieces = words_[word].pieces;
      std::vector<Index> merged;
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        const bool found =
            i + 1 < pieces.size() && pieces[i] == pair.first && pieces[i + 1] == pair.second;
        merged.push_back(found ? whole : pieces[i]);
        if (found) ++i;
      }
      pieces = std::move(merged);
      count_pairs(word, 1);
      for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
        touched.insert({pieces[i], pieces[i + 1]});
    }
    for (const Pair& one : touched) push(one);
  }

  IdMap pieces_;
  std::vector<Word> words_;
  std::map<Pair, Index> counts_;
  std::map<Pair, std::set<std::size_t>> words_with_;  // some of them perhaps no longer
  std::priority_queue<Candidate> queue_;
};

}  // namespace

BytePairs BytePairs::learn(const std::map<std::string, Index>& words, Index merges) {
  return BytePairs(Learner(words).merges(merges));
}

BytePairs::BytePairs(IdMap merges) : merges_(std::move(merges)) {
  for (Index i = 0; i < merges_.size(); ++i) {
    const std::string& name = merges_.name(i);
    const std::size_t blank = name.find(' ');
    if (blank == 0 || blank == std::string::npos || blank + 1 == name.size() ||
        name.find(' ', blank + 1) != std::string::npos)
      throw DataError(fmt::format("its merge {} must be two pieces with a blank between, got {}", i,
                                  in_quotes(name)));
  }
}

void BytePairs::add_pieces(std::string_view word, std::string_view before,
                           std::vector<std::string>& pieces) const {
  std::vector<std::string> parts = points_of(word, before);
  while (parts.size() > 1) {
    Index first = merges_.size();
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const Index rank = merges_.find(merge_name(parts[i], parts[i + 1]));
      if (rank < 0 || rank >= first) continue;
      first = rank;
      at = i;
    }
    if (first == merges_.size()) break;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  std::ranges::move(parts, std::back_inserter(pieces));
}

std::vector<std::string> BytePairs::pieces(std::string_view word) const {
  std::vector<std::string> pieces;
  std::string_view before = word_begin;
  while (!word.empty()) {
    std::size_t end = 0, points = 0;
    for (; end < word.size(); ++end) {
      const bool begins = (static_cast<unsigned char>(word[end]) & 0xC0U) != 0x80U;
      if (begins && end > 0 && ++points == longest_cut_word) break;
    }
    add_pieces(word.substr(0, end), before, pieces);
    word.remove_prefix(end);
    before = {};
  }
  return pieces;
}

}  // namespace tapegrad::apps
