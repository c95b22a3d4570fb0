// Files of trees with labels.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/trees/tree.h>

namespace tapegrad::apps {

struct LabelledTreeOptions {
  TableOptions table{};
  // A table from labels, in its first column, to what is predicted in their place: the columns
  // that label_columns names, or all others. A blank field says that a node has none. Empty: the
  // labels themselves are predicted.
  std::string attributes{};
  std::vector<std::string> label_columns{};
  bool needs_labels = true;
};

struct LabelledTrees {
  std::vector<Tree> trees;
  // The labels of the nodes by target, tree after tree; blank for a node without one. None where
  // they are not needed.
  std::vector<NamedColumn> node_labels;
  std::vector<NamedColumn> labels;  // of the roots
  Index without_label = 0;          // trees that were left out since their root has none
};

// Reads files, plain or gzip, with a tree a line; blank lines are passed over. Throws DataError for
// what cannot be read, for a label that the table of attributes does not have, and where no tree is
// left.
LabelledTrees read_labelled_trees(std::span<const std::string> locations,
                                  const LabelledTreeOptions& options);

}  // namespace tapegrad::apps
