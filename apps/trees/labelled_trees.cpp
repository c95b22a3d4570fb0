#include <tapegrad/apps/trees/labelled_trees.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/classification/class_attributes.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>

namespace tapegrad::apps {
namespace {

std::vector<Tree> trees_in(const std::string& location, std::size_t max_unpacked) {
  if (is_database(location))
    throw DataError(
        fmt::format("{}: expected a file of trees, got a database", displayed(location)));
  const std::string text = read_text_file(location, max_unpacked);
  std::vector<Tree> trees;
  Index line = 0;
  for (std::size_t first = 0; first < text.size();) {
    const std::size_t last = std::min(text.find('\n', first), text.size());
    const std::string_view own = std::string_view(text).substr(first, last - first);
    ++line;
    if (own.find_first_not_of(" \t\r") != std::string_view::npos)
      trees.push_back(parse_tree(own, displayed(location), line));
    first = last + 1;
  }
  return trees;
}

// Leaves out the trees whose roots lack a label of some target.
void drop_unlabelled(LabelledTrees& all) {
  std::vector<Tree> trees;
  std::vector<NamedColumn> nodes;
  for (const NamedColumn& column : all.node_labels) {
    nodes.push_back({column.name, {}});
    all.labels.push_back({column.name, {}});
  }
  std::size_t first = 0;
  for (Tree& tree : all.trees) {
    const std::size_t root = first + tree.size() - 1;
    const bool has_all = std::ranges::none_of(
        all.node_labels, [&](const NamedColumn& column) { return column.fields[root].empty(); });
    if (has_all) {
      for (std::size_t t = 0; t < nodes.size(); ++t) {
        const auto from = all.node_labels[t].fields.begin() + static_cast<std::ptrdiff_t>(first);
        nodes[t].fields.insert(nodes[t].fields.end(), from,
                               from + static_cast<std::ptrdiff_t>(tree.size()));
        all.labels[t].fields.push_back(nodes[t].fields.back());
      }
    } else {
      ++all.without_label;
    }
    first = root + 1;
    if (has_all) trees.push_back(std::move(tree));
  }
  all.trees = std::move(trees);
  all.node_labels = std::move(nodes);
}

}  // namespace

LabelledTrees read_labelled_trees(std::span<const std::string> locations,
                                  const LabelledTreeOptions& options) {
  LabelledTrees all;
  for (const std::string& location : locations) {
    std::vector<Tree> own = trees_in(location, options.table.source.max_unpacked);
    std::ranges::move(own, std::back_inserter(all.trees));
  }
  if (options.needs_labels) {
    std::vector<std::string> labels;
    for (const Tree& tree : all.trees) {
      for (const TreeNode& node : tree) labels.push_back(node.label);
    }
    if (options.attributes.empty())
      all.node_labels.push_back({"label", std::move(labels)});
    else
      all.node_labels =
          attributes_of(labels, options.attributes, options.label_columns, options.table);
    drop_unlabelled(all);
  }
  if (all.trees.empty())
    throw DataError(fmt::format("{}: expected trees{}, got none", displayed_all(locations),
                                options.needs_labels ? " with a label" : ""));
  return all;
}

}  // namespace tapegrad::apps
