// The models of trees: what the commands know of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/trees/tree_network.h>

namespace tapegrad::apps {

struct TreeRow : ClassifierRow {
  TreeNetwork::MakeCell cell = nullptr;
  Index most_children = 0;  // that a node may have; 0: any number
};

const std::vector<TreeRow>& tree_rows();
// Throws OptionError, which lists the names, for a name that no row has.
const TreeRow& tree_row(const std::string& name);

// Throws OptionError for settings that do not go together.
void check_settings(const TreeRow& row, const ModelSettings& settings);

TreeNetworkOptions tree_network_options(const ModelSettings& settings);

// Throws DataError for a tree whose nodes have more children than the row's model takes.
void check_trees(const TreeRow& row, std::span<const Tree> trees);

}  // namespace tapegrad::apps
