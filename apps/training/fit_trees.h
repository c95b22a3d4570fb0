// From trees with labels to a trained network.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/training/fit_examples.h>
#include <tapegrad/apps/trees/tree_classifier.h>

namespace tapegrad::apps {

struct TreeFitOptions {
  ModelSettings settings;
  ExampleFitOptions examples;
};

// Trees with the classes of all their nodes.
struct TreeExamples {
  std::vector<Tree> trees;
  // By target, of the nodes of the trees one after another; -1 for a node without a class.
  std::vector<std::vector<Index>> node_classes;
};

// Of some trees.
std::string tree_fingerprint(const TreeExamples& examples, std::span<const Labels> truth,
                             std::span<const Index> some);

// Fits `model`, which has its name, to some of the trees: the loss is that of all nodes with a
// class. `truth` are the classes of the roots by target, and `names` are the targets'. Gives the
// number of epochs. Throws DataError for trees that the model does not take.
int fit_trees(TreeClassifier& model, const TreeExamples& examples, std::span<const Labels> truth,
              std::span<const std::string> names, std::span<const Index> some,
              const TreeFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
