#include <tapegrad/apps/trees/tree_classifier.h>

#include <utility>

#include <tapegrad/apps/data/text_units.h>
#include <tapegrad/apps/training/fit_examples.h>
#include <tapegrad/apps/trees/tree_row.h>

namespace tapegrad::apps {
namespace {

constexpr const char* format_name = "tapegrad tree classifier 1";

TreeClassifier read_model(nn::WeightFile& file) {
  TreeClassifier model;
  const TreeRow row = get_row(file, format_name, tree_row, model);
  check_settings(row, model.settings);
  model.targets = get_targets(file);
  model.vocabulary = get_ids(file, "vocabulary");
  if (model.vocabulary.size() == 0 || model.vocabulary.name(0) != unknown_unit)
    throw Error(fmt::format("its vocabulary must begin with {}", unknown_unit));
  model.parameters = get_weights(file, model.seed, [&](const Scope& scope) {
    model.network = std::make_unique<TreeNetwork>(scope, model.vocabulary.size(), model.width(),
                                                  row.cell, tree_network_options(model.settings));
  });
  return model;
}

// What `say` says of the roots' hidden states.
template <class Say>
std::vector<double> of_roots(const TreeClassifier& model, std::span<const Tree> trees, Index width,
                             int threads, const Say& say) {
  check_trees(tree_row(model.name), trees);
  const TreeInputs inputs = tree_inputs(trees, model.vocabulary);
  std::vector<Index> all;
  for (Index i = 0; i < inputs.count(); ++i) all.push_back(i);
  const ExampleNetwork network{.outputs =
                                   [&](Tape& tape, std::span<const Index> some) {
                                     return say(model.network->roots(tape, inputs, some));
                                   },
                               .lengths = std::vector<Index>(all.size(), 0)};
  return outputs_of(network, all, width, threads);
}

}  // namespace

std::vector<double> tree_outputs(const TreeClassifier& model, std::span<const Tree> trees,
                                 int threads) {
  return of_roots(model, trees, model.width(), threads,
                  [&](const Tensor& states) { return model.network->outputs(states); });
}

std::vector<double> tree_vectors(const TreeClassifier& model, std::span<const Tree> trees,
                                 int threads) {
  return of_roots(model, trees, model.network->width(), threads,
                  [](const Tensor& states) { return states; });
}

void save_tree_classifier(const std::string& path, const TreeClassifier& model) {
  nn::WeightFile file;
  put_row(file, format_name, tree_row(model.name), model);
  put_targets(file, model.targets);
  put_texts(file, "vocabulary", model.vocabulary.size(),
            [&](Index i) { return model.vocabulary.name(i); });
  put_weights(file, *model.parameters);
  save_sealed(path, std::move(file));
}

TreeClassifier load_tree_classifier(const std::string& path) {
  return load_as("classifier of trees", path, read_model);
}

}  // namespace tapegrad::apps
