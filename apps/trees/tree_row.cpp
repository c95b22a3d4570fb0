#include <tapegrad/apps/trees/tree_row.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

namespace options = classifier_options;

TreeRow network(std::string_view name, std::string_view summary, TreeNetwork::MakeCell cell,
                Index most_children) {
  TreeRow row;
  row.name = name;
  row.summary = summary;
  row.neural = true;
  row.loop = {.max_epochs = 12,
              .patience = 4,
              .learning_rate = 0.002,
              .final_rate = 0.05,
              .weight_decay = 0.01,
              .clip_norm = 1.0,
              .average_decay = 0.99};
  row.tuned_loop = {{"learning-rate", {"0.0005", "0.001", "0.002", "0.004"}},
                    {"weight-decay", {"0", "0.01", "0.1"}}};
  row.options = {{&options::min_count, "2", {}, {"1", "2", "3"}},
                 {&options::embedding, "200", {}, {"100", "200", "300"}},
                 {&options::width, "150", {}, {"100", "150", "200"}},
                 {&options::input_dropout, "0.5", {}, {"0.3", "0.5", "0.7"}},
                 {&options::dropout, "0.5", {}, {"0.3", "0.5"}},
                 {&options::batch, "25", {}, {"16", "25", "50"}},
                 {&options::label_smoothing, "0", {}, {"0", "0.05", "0.1"}}};
  row.cell = cell;
  row.most_children = most_children;
  return row;
}

}  // namespace

const std::vector<TreeRow>& tree_rows() {
  static const std::vector<TreeRow> rows = {
      network("binary-tree-lstm", "long short-term memory over trees, left and right apart",
              make_tree_cell<BinaryCell>, 2),
      network("child-sum-tree-lstm",
              "long short-term memory over trees of any shape, by the sum of the children",
              make_tree_cell<ChildSumCell>, 0)};
  return rows;
}

const TreeRow& tree_row(const std::string& name) { return row_named(tree_rows(), name); }

void check_settings(const TreeRow& row, const ModelSettings& settings) {
  if (settings.whole(options::embedding) == 0)
    throw OptionError(fmt::format("--embedding must be 1 or more with model {}, got 0", row.name));
}

TreeNetworkOptions tree_network_options(const ModelSettings& settings) {
  return {.embedding = settings.whole(options::embedding),
          .width = settings.whole(options::width),
          .input_dropout = settings.number(options::input_dropout),
          .dropout = settings.number(options::dropout)};
}

void check_trees(const TreeRow& row, std::span<const Tree> trees) {
  if (row.most_children == 0) return;
  const Index most = most_children(trees);
  if (most > row.most_children)
    throw DataError(fmt::format(
        "model {} takes trees whose nodes have at most {} children, got one with {}: model "
        "child-sum-tree-lstm takes any number",
        row.name, row.most_children, most));
}

}  // namespace tapegrad::apps
