#include <tapegrad/apps/training/fit_trees.h>

#include <memory>

#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/trees/tree_row.h>

namespace tapegrad::apps {
namespace {

// The nodes of some trees that have a class of a target, by their rows, and their classes.
struct NodesWithClass {
  std::vector<Index> rows, classes;
};

NodesWithClass nodes_with_class(const TreeInputs& inputs, std::span<const Index> classes,
                                std::span<const Index> trees) {
  NodesWithClass found;
  Index row = 0;
  for (const Index tree : trees) {
    const Index first = inputs.trees[static_cast<std::size_t>(tree)];
    for (Index node = first; node < first + inputs.nodes(tree); ++node, ++row) {
      const Index own = classes[static_cast<std::size_t>(node)];
      if (own < 0) continue;
      found.rows.push_back(row);
      found.classes.push_back(own);
    }
  }
  return found;
}

}  // namespace

std::string tree_fingerprint(const TreeExamples& examples, std::span<const Labels> truth,
                             std::span<const Index> some) {
  StableHash hash;
  for (const Index i : some) {
    for (const TreeNode& node : examples.trees[static_cast<std::size_t>(i)]) {
      hash.add_text(node.label);
      hash.add_text(node.word);
      for (const std::int32_t child : node.children) hash.add_int(child);
    }
  }
  add_labels(hash, truth, some);
  return hexadecimal(hash.value());
}

int fit_trees(TreeClassifier& model, const TreeExamples& examples, std::span<const Labels> truth,
              std::span<const std::string> names, std::span<const Index> some,
              const TreeFitOptions& options, Progress& progress) {
  const TreeRow& row = tree_row(model.name);
  check_trees(row, examples.trees);
  begin_classifier(model, options.settings, options.examples.loop.seed, truth, names, some);
  model.fingerprint = tree_fingerprint(examples, truth, some);
  const auto make = [&](const Scope& scope, std::span<const Index> learnt_from) {
    model.vocabulary = tree_vocabulary(examples.trees, learnt_from,
                                       model.settings.whole(classifier_options::min_count));
    model.network = std::make_unique<TreeNetwork>(scope, model.vocabulary.size(), model.width(),
                                                  row.cell, tree_network_options(model.settings));
    const auto inputs =
        std::make_shared<const TreeInputs>(tree_inputs(examples.trees, model.vocabulary));
    const auto of_nodes = [&, inputs](Tape& tape, std::span<const Index> batch) {
      const Tensor outputs = model.network->outputs(model.network->states(tape, *inputs, batch));
      Tensor sum;
      Index first = 0;
      for (std::size_t t = 0; t < truth.size(); ++t) {
        const Index last = first + truth[t].classes.size();
        const NodesWithClass nodes = nodes_with_class(*inputs, examples.node_classes[t], batch);
        const Tensor own = gather_rows(slice(outputs, 1, first, last), tape.ids(nodes.rows));
        const Tensor loss = softmax_cross_entropy(
            own, tape.ids(nodes.classes),
            {.label_smoothing = model.settings.number(classifier_options::label_smoothing)});
        sum = t == 0 ? loss : sum + loss;
        first = last;
      }
      return sum;
    };
    std::vector<Index> lengths;
    for (Index tree = 0; tree < inputs->count(); ++tree) lengths.push_back(inputs->nodes(tree));
    return ExampleNetwork{
        .outputs =
            [&model, inputs](Tape& tape, std::span<const Index> batch) {
              return model.network->outputs(model.network->roots(tape, *inputs, batch));
            },
        .lengths = std::move(lengths),
        .loss = of_nodes};
  };
  return fit_examples(model, make, truth, some, options.examples, progress);
}

}  // namespace tapegrad::apps
