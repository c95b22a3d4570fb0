// Trees whose nodes have labels, such as parsed sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct TreeNode {
  std::string label;
  std::string word;                    // of a leaf
  std::vector<std::int32_t> children;  // of any other node, by their places
};

// Children come before their parent, from left to right; the root is the last.
using Tree = std::vector<TreeNode>;

// A tree as the Penn Treebank writes it: (label child ...) or (label word), with one blank or more
// between. Of any depth. Throws DataError "NAME:LINE:COLUMN: expected ..., got ..." for anything
// else.
Tree parse_tree(std::string_view text, const std::string& name, Index line);

// The words of a tree from left to right, with blanks between.
std::string words_of(const Tree& tree);

}  // namespace tapegrad::apps
