// A trained model of trees.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/trees/tree_network.h>

namespace tapegrad::apps {

struct TreeClassifier : StoredClassifier {  // of tree_row.h
  IdMap vocabulary;
  std::unique_ptr<TreeNetwork> network;
};

// The outputs of the roots, [trees, model.width()], and their vectors. Throws DataError for trees
// that the model does not take.
std::vector<double> tree_outputs(const TreeClassifier& model, std::span<const Tree> trees,
                                 int threads);
std::vector<double> tree_vectors(const TreeClassifier& model, std::span<const Tree> trees,
                                 int threads);

void save_tree_classifier(const std::string& path, const TreeClassifier& model);
// Throws Error for a file that is none of a classifier of trees.
TreeClassifier load_tree_classifier(const std::string& path);

}  // namespace tapegrad::apps
