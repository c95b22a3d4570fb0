#include <tapegrad/apps/trees/tree_inputs.h>

#include <algorithm>
#include <map>
#include <string>

#include <tapegrad/apps/text/tokeniser.h>

namespace tapegrad::apps {
namespace {

// Words in a form that does not tell case or width apart; what has no such form stays.
class WordForms {
 public:
  const std::string& of(const std::string& word) {
    const auto [found, is_new] = forms_.try_emplace(word);
    if (is_new) {
      for (const std::string& character : cutter_.characters(word)) found->second += character;
      if (found->second.empty()) found->second = word;
    }
    return found->second;
  }

 private:
  WordCutter cutter_;
  std::map<std::string, std::string> forms_;
};

}  // namespace

IdMap tree_vocabulary(std::span<const Tree> trees, std::span<const Index> some, Index least) {
  WordForms forms;
  std::vector<std::vector<std::string>> words;
  for (const Index tree : some) {
    std::vector<std::string>& own = words.emplace_back();
    for (const TreeNode& node : trees[static_cast<std::size_t>(tree)]) {
      if (!node.word.empty()) own.push_back(forms.of(node.word));
    }
  }
  return vocabulary_of(words, least);
}

TreeInputs tree_inputs(std::span<const Tree> trees, const IdMap& vocabulary) {
  WordForms forms;
  TreeInputs inputs;
  for (const Tree& tree : trees) {
    for (const TreeNode& node : tree) {
      const Index word = node.word.empty() ? -1 : vocabulary.find(forms.of(node.word));
      inputs.words.push_back(
          node.word.empty() ? -1 : static_cast<std::int32_t>(std::max(Index{0}, word)));
      inputs.children.insert(inputs.children.end(), node.children.begin(), node.children.end());
      inputs.children_of.push_back(static_cast<Index>(inputs.children.size()));
    }
    inputs.trees.push_back(static_cast<Index>(inputs.words.size()));
  }
  return inputs;
}

Index most_children(std::span<const Tree> trees) {
  std::size_t most = 0;
  for (const Tree& tree : trees) {
    for (const TreeNode& node : tree) most = std::max(most, node.children.size());
  }
  return static_cast<Index>(most);
}

}  // namespace tapegrad::apps
