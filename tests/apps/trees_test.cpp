// Trees with labels: how they are read, Tree-LSTMs, and tg-classify on them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/file_bytes.h>
#include <tapegrad/apps/trees/labelled_trees.h>
#include <tapegrad/apps/trees/tree_network.h>

#include "classify_files.h"

using namespace classify_files;

namespace {

namespace tg = tapegrad;

std::string written(const Tree& tree, std::size_t node) {
  std::string text = "(" + tree[node].label;
  if (!tree[node].word.empty()) return text + " " + tree[node].word + ")";
  for (const std::int32_t child : tree[node].children)
    text += " " + written(tree, static_cast<std::size_t>(child));
  return text + ")";
}

// A random tree whose nodes have 1 to `most` children.
std::string random_tree(tg::Random& random, int leaves, tg::Index most) {
  const std::string label = std::to_string(random.below(5));
  if (leaves == 1) return fmt::format("({} w{})", label, random.below(20));
  const auto count = static_cast<int>(std::min<tg::Index>(leaves, 1 + random.below(most)));
  std::string text = "(" + label;
  int left = leaves;
  for (int child = 0; child < count; ++child) {
    const int rest = count - child - 1;
    const int own = rest == 0 ? left : 1 + static_cast<int>(random.below(left - rest));
    // One child would go on forever.
    text += " " + random_tree(random, count == 1 ? 1 : own, most);
    left -= own;
  }
  return text + ")";
}

// Praise and blame, each turned round by "not" before it: (1 (0 not) (0 bad)).
std::string opinions(std::uint64_t seed, int count) {
  tg::Random random(seed);
  std::string text;
  const std::vector<std::string> praise = {"good", "fine", "warm"}, blame = {"bad", "dull", "cold"},
                                 things = {"shoes", "coat", "hat"};
  for (int i = 0; i < count; ++i) {
    const bool is_good = random.below(2) == 0, is_turned = random.below(2) == 0;
    const std::string word = (is_good ? praise : blame)[static_cast<std::size_t>(random.below(3))];
    std::string said = fmt::format("({} {})", is_good ? "4" : "0", word);
    const bool is_positive = is_good != is_turned;
    const std::string label = is_positive ? "4" : "0";
    if (is_turned) said = fmt::format("({} (2 not) {})", label, said);
    text += fmt::format("({} (2 {}) {})\n", label,
                        things[static_cast<std::size_t>(random.below(3))], said);
  }
  return text;
}

struct Matrix {
  std::vector<double> values;
  std::size_t columns;
  explicit Matrix(const tg::Parameter& parameter)
      : columns(static_cast<std::size_t>(parameter.shape()[parameter.shape().rank() - 1])) {
    const tg::Array& array = parameter.value();
    for (tg::Index i = 0; i < array.size(); ++i) values.push_back(array.at(i));
  }
  // Σ values[row, first + c]·x[c], with a row a unit as Linear keeps them.
  double times(std::size_t row, const std::vector<double>& x, std::size_t first = 0) const {
    double sum = 0.0;
    for (std::size_t c = 0; c < x.size(); ++c) sum += values[row * columns + first + c] * x[c];
    return sum;
  }
};

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace

TEST_CASE("trees are read as they are written, of any shape and depth") {
  tg::Random random(11);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random_tree(random, 1 + static_cast<int>(random.below(12)), 4);
    CAPTURE(text);
    const Tree tree = parse_tree(text, "t", 1);
    CHECK(written(tree, tree.size() - 1) == text);
  }
  const Tree spaced = parse_tree("  ( 3 (2 It)\t( 4  works ) ) \r", "t", 1);
  CHECK(written(spaced, 2) == "(3 (2 It) (4 works))");
  CHECK(words_of(spaced) == "It works");
  constexpr std::size_t depth = 200'000;
  std::string deep;
  for (std::size_t i = 0; i < depth; ++i) deep += "(1 ";
  deep += "(2 end)" + std::string(depth, ')');
  CHECK(parse_tree(deep, "t", 1).size() == depth + 1);
}

TEST_CASE("what is no tree is refused with its line and column") {
  struct Case {
    std::string text, says;
  };
  const Case cases[] = {
      {"3", "t:7:1: expected an opening parenthesis, got \"3\""},
      {"(", "t:7:2: expected a label, got none"},
      {"()", "t:7:2: expected a label, got none"},
      {"(3)", "t:7:3: expected a word or a node, got \")\""},
      {"(3 a", "t:7:5: expected a closing parenthesis, got the end of the line"},
      {"(3 a b)", "t:7:6: expected a parenthesis, got \"b)\""},
      {"(3 a (2 b))", "t:7:6: expected a closing parenthesis, got \"(\""},
      {"(3 (2 b) a)", "t:7:10: expected a parenthesis, got \"a)\""},
      {"(3 a) x", "t:7:7: expected the end of the line, got \"x\""},
      {"(3 a))", "t:7:6: expected the end of the line, got \")\""},
      {"((3 a))", "t:7:2: expected a label, got none"},
  };
  for (const Case& one : cases)
    CHECK(message_of([&] { parse_tree(one.text, "t", 7); }) == one.says);
}

TEST_CASE("attributes stand in place of labels, and trees without one are left out") {
  const TestFiles files;
  const std::vector<std::string> data{
      files.write_gzip("t.txt.gz", "(4 (2 so) (4 good))\n\n(2 well)\n(0 bad)\n")};
  LabelledTreeOptions options;
  CHECK(read_labelled_trees(data, options).labels[0].fields ==
        std::vector<std::string>{"4", "2", "0"});
  options.attributes = files.write("map.csv", "label,polarity\n4,yes\n2,\n0,no\n");
  const LabelledTrees trees = read_labelled_trees(data, options);
  CHECK(trees.without_label == 1);
  CHECK(trees.trees.size() == 2);
  CHECK(trees.labels[0].name == "polarity");
  CHECK(trees.labels[0].fields == std::vector<std::string>{"yes", "no"});
  CHECK(trees.node_labels[0].fields == std::vector<std::string>{"", "yes", "yes", "no"});
}

TEST_CASE("the cells compute the paper's equations") {
  constexpr std::size_t width = 3;
  tg::Random random(2);
  std::vector<std::vector<double>> hidden(3), cells(3);
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t j = 0; j < width; ++j) {
      hidden[k].push_back(random.normal());
      cells[k].push_back(random.normal());
    }
  }
  const auto run = [&](const TreeCell& cell, std::size_t count) {
    tg::Tape tape({.dtype = tg::Dtype::float64, .training = false});
    std::vector<TreeState> states;
    for (std::size_t k = 0; k < count; ++k)
      states.push_back({tape.input(hidden[k], {1, width}), tape.input(cells[k], {1, width})});
    const TreeState state = cell(states);
    const auto values = state.hidden.values<double>();
    return std::vector<double>(values.begin(), values.end());
  };
  {
    tg::Parameters parameters(1, tg::Dtype::float64);
    const ChildSumCell cell(parameters.root(), width);
    const Matrix gates(parameters.at("gates/weight")), bias(parameters.at("gates/bias")),
        forget(parameters.at("forget/weight")), forget_bias(parameters.at("forget/bias"));
    for (std::size_t count = 1; count <= 3; ++count) {
      std::vector<double> sum(width, 0.0);
      for (std::size_t k = 0; k < count; ++k) {
        for (std::size_t j = 0; j < width; ++j) sum[j] += hidden[k][j];
      }
      const std::vector<double> own = run(cell, count);
      for (std::size_t j = 0; j < width; ++j) {
        const auto gate = [&](std::size_t part) {
          const std::size_t row = part * width + j;
          return gates.times(row, sum) + bias.values[row];
        };
        double next = sigmoid(gate(0)) * std::tanh(gate(2));
        for (std::size_t k = 0; k < count; ++k)
          next += sigmoid(forget.times(j, hidden[k]) + forget_bias.values[j]) * cells[k][j];
        CHECK(own[j] == doctest::Approx(sigmoid(gate(1)) * std::tanh(next)));
      }
    }
  }
  tg::Parameters parameters(1, tg::Dtype::float64);
  const BinaryCell cell(parameters.root(), width);
  const Matrix gates(parameters.at("gates/weight")), bias(parameters.at("gates/bias"));
  for (std::size_t count = 1; count <= 2; ++count) {
    const std::vector<double> own = run(cell, count);
    for (std::size_t j = 0; j < width; ++j) {
      const auto gate = [&](std::size_t part) {
        const std::size_t row = part * width + j;
        double sum = gates.times(row, hidden[0]) + bias.values[row];
        if (count == 2) sum += gates.times(row, hidden[1], width);
        return sum;
      };
      double next = sigmoid(gate(0)) * std::tanh(gate(4)) + sigmoid(gate(1)) * cells[0][j];
      if (count == 2) next += sigmoid(gate(2)) * cells[1][j];
      CHECK(own[j] == doctest::Approx(sigmoid(gate(3)) * std::tanh(next)));
    }
  }
}

TEST_CASE("trees say the same alone and together, and with the planner's batching off") {
  tg::Random random(4);
  std::vector<Tree> trees;
  for (int i = 0; i < 12; ++i)
    trees.push_back(
        parse_tree(random_tree(random, 1 + static_cast<int>(random.below(9)), 3), "t", 1));
  std::vector<tg::Index> all(trees.size());
  std::iota(all.begin(), all.end(), tg::Index{0});
  const IdMap vocabulary = tree_vocabulary(trees, all, 1);
  const TreeInputs inputs = tree_inputs(trees, vocabulary);
  tg::Parameters parameters(3);
  const TreeNetwork network(parameters.root(), vocabulary.size(), 2, make_tree_cell<ChildSumCell>,
                            {.embedding = 5, .width = 4});
  const auto roots = [&](std::span<const tg::Index> some, bool batching) {
    tg::Tape tape({.training = false, .batching = batching});
    const auto values = network.outputs(network.roots(tape, inputs, some)).values<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  const std::vector<float> together = roots(all, true), apart = roots(all, false);
  for (const tg::Index tree : all) {
    const std::vector<float> alone = roots(std::vector<tg::Index>{tree}, true);
    for (std::size_t c = 0; c < 2; ++c) {
      const std::size_t at = static_cast<std::size_t>(tree) * 2 + c;
      CHECK(alone[c] == doctest::Approx(together[at]));
      CHECK(apart[at] == doctest::Approx(together[at]));
    }
  }
  // All nodes; a tree's root is the last of its nodes.
  tg::Tape tape({.training = false});
  const tg::Tensor states = network.states(tape, inputs, all),
                   of_roots = network.roots(tape, inputs, all);
  CHECK(states.shape()[0] == inputs.trees.back());
  const auto state_values = states.values<float>(), root_values = of_roots.values<float>();
  for (std::size_t tree = 0; tree < trees.size(); ++tree) {
    const auto last = static_cast<std::size_t>(inputs.trees[tree + 1] - 1);
    for (std::size_t j = 0; j < 4; ++j)
      CHECK(state_values[last * 4 + j] == doctest::Approx(root_values[tree * 4 + j]));
  }
}

TEST_CASE("trees are learnt, predicted and embedded, on any number of threads") {
  const TestFiles folder;
  const std::string train = shell_quoted(folder.write("train.txt", opinions(1, 300))),
                    test = shell_quoted(folder.write("test.txt", opinions(2, 100))),
                    map =
                        shell_quoted(folder.write("map.csv", "label,polarity\n0,no\n2,\n4,yes\n")),
                    model = shell_quoted(folder.path("model.tg")),
                    again = shell_quoted(folder.path("again.tg"));
  for (const std::string name : {"binary-tree-lstm", "child-sum-tree-lstm"}) {
    CAPTURE(name);
    const std::string command = fmt::format(
        "train --task trees --model {} --train {} --test {} --attributes {} --width 12 "
        "--embedding 8 --input-dropout 0 --dropout 0 --learning-rate 0.01 --epochs 12 --quiet",
        name, train, test, map);
    const nlohmann::json first = json_of(command + " --out " + model);
    INFO(first.dump());
    CHECK(first["targets"][0]["accuracy"].get<double>() > 0.97);
    json_of(command + " --threads 3 --out " + again);
    CHECK(read_file(folder.path("model.tg")) == read_file(folder.path("again.tg")));
    const nlohmann::json said = json_of("predict --quiet --model-file " + model +
                                        " --input '(4 (2 coat) (4 (2 not) (0 dull)))'");
    CHECK(said["targets"][0]["classes"][0]["class"] == "yes");
    const nlohmann::json judged = json_of("evaluate --quiet --model-file " + model + " --data " +
                                          test + " --attributes " + map);
    CHECK(judged["targets"][0]["accuracy"] == first["targets"][0]["accuracy"]);
    CHECK(run("embed --components 3 --model-file " + model + " --data " + test + " --out " +
              shell_quoted(folder.path("v.csv")))
              .code == 0);
  }
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const std::string wide = shell_quoted(folder.write("wide.txt", "(1 (0 a) (0 b) (0 c))\n(0 a)\n"));
  const std::string base = "train --task trees --model binary-tree-lstm --data ";
  const Case cases[] = {
      {base + wide + " --test-fraction 0 --epochs 1", 1,
       "at most 2 children, got one with 3: model child-sum-tree-lstm"},
      {base + train + " --label a", 2, "--label has no effect with trees without --attributes"},
      {base + train + " --delimiter tab", 2, "--delimiter has no effect with task trees"},
      {base + shell_quoted(folder.write("bad.txt", "(1 a)\n(1\n")), 1,
       "bad.txt:2:3: expected a closing parenthesis, got the end of the line"},
      {base + shell_quoted(folder.write("empty.txt", "\n")), 1, "expected trees with a label"},
      {"predict --model-file " + model + " --input '(1 a'", 1,
       "--input:1:5: expected a closing parenthesis"},
      {"predict --model-file " + model + " --id a --data " + test, 2, "--id has no effect"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == one.code);
    CHECK(last_line(outcome.text).find(one.says) != std::string::npos);
  }
}
