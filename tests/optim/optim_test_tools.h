// What the optimizers' tests share: gradients made by hand, the rules, and comparison.
#pragma once

#include "../graph/graph_test_tools.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <tapegrad/optim/optim.h>
#include <tapegrad/optim/row_state.h>

namespace optim_test {

namespace tg = tapegrad;
using namespace tg::optim;
using graph_test::distance;
using graph_test::holds;
using graph_test::thrown;
using graph_test::uniform;

// A gradient of one parameter: all of its rows, or those that are given.
struct HandMade {
  const tg::Parameter* parameter = nullptr;
  bool sparse = false;
  std::vector<tg::Index> rows = {};
  std::vector<double> values = {};
};

// Gradients as a tape would return them.
inline tg::Gradients gradients_of(const std::vector<HandMade>& parts, tg::Dtype dtype) {
  struct Owned : tg::ResultBlock {
    std::vector<std::vector<tg::Index>> rows;
    std::vector<tg::Array> arrays;
  };
  const auto block = std::make_shared<Owned>();
  block->rows.reserve(parts.size());
  for (const HandMade& part : parts) {
    const auto count = static_cast<tg::Index>(part.values.size());
    block->rows.push_back(part.rows);
    block->arrays.push_back(graph_test::array_of(part.values, {count}, dtype));
    block->entries.push_back({.parameter = part.parameter,
                              .sparse = part.sparse,
                              .rows = block->rows.back(),
                              .values = block->arrays.back().data(),
                              .count = count,
                              .dtype = dtype});
  }
  return tg::Gradients(block);
}

// The same gradient with the rows that it lacks as zeros.
inline HandMade made_dense(const HandMade& sparse) {
  if (!sparse.sparse) return sparse;
  HandMade dense{
      .parameter = sparse.parameter,
      .values = std::vector<double>(static_cast<std::size_t>(sparse.parameter->shape().size()))};
  const tg::Index width = sparse.parameter->shape().columns();
  for (std::size_t i = 0; i < sparse.rows.size(); ++i) {
    std::copy_n(sparse.values.begin() + static_cast<tg::Index>(i) * width, width,
                dense.values.begin() + sparse.rows[i] * width);
  }
  return dense;
}

struct Rule {
  std::string name;
  std::function<std::unique_ptr<Optimizer>()> make;
};

inline std::vector<Rule> rules() {
  const auto sgd = [](SgdOptions options) {
    return [options] { return std::make_unique<Sgd>(options); };
  };
  const auto adagrad = [](AdagradOptions options) {
    return [options] { return std::make_unique<Adagrad>(options); };
  };
  const auto adam = [](AdamOptions options) {
    return [options] { return std::make_unique<Adam>(options); };
  };
  const auto adamw = [](AdamOptions options) {
    return [options] { return std::make_unique<AdamW>(options); };
  };
  const auto rmsprop = [](RmspropOptions options) {
    return [options] { return std::make_unique<Rmsprop>(options); };
  };
  return {
      {"Sgd", sgd({.learning_rate = 0.05})},
      {"momentum", sgd({.learning_rate = 0.02, .momentum = 0.9})},
      {"heavy momentum", sgd({.learning_rate = 0.002, .momentum = 0.99})},
      {"Nesterov", sgd({.learning_rate = 0.02, .momentum = 0.9, .nesterov = true})},
      {"momentum with decay", sgd({.learning_rate = 0.02, .momentum = 0.9, .weight_decay = 0.01})},
      {"Adagrad", adagrad({.learning_rate = 0.05})},
      {"Adagrad with an accumulator", adagrad({.learning_rate = 0.05, .initial_accumulator = 0.1})},
      {"Adagrad with decay", adagrad({.learning_rate = 0.05, .weight_decay = 0.01})},
      {"Adam", adam({.learning_rate = 0.01})},
      {"Adam, short memories", adam({.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.95})},
      {"Adam, equal memories", adam({.learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.9})},
      {"Adam without momentum", adam({.learning_rate = 0.01, .beta1 = 0.0})},
      {"Adam, large epsilon", adam({.learning_rate = 0.01, .epsilon = 1e-3})},
      {"Adam with L2", adam({.learning_rate = 0.01, .weight_decay = 0.01})},
      {"AdamW", adamw({.learning_rate = 0.01, .weight_decay = 0.1})},
      {"Rmsprop", rmsprop({.learning_rate = 0.01})},
      {"Rmsprop with momentum", rmsprop({.learning_rate = 0.005, .alpha = 0.9, .momentum = 0.8})},
      {"Rmsprop, centered",
       rmsprop({.learning_rate = 0.005, .epsilon = 1e-3, .momentum = 0.5, .centered = true})},
      {"Rmsprop with L2", rmsprop({.learning_rate = 0.01, .weight_decay = 0.01})}};
}

// A model of one table, with its optimizer.
class Model {
 public:
  Model(const Rule& rule, tg::Dtype dtype, tg::Index rows = 24, tg::Index width = 5)
      : parameters_(17, dtype),
        table_(parameters_.add("table", {rows, width}, uniform())),
        optimizer_(rule.make()) {}

  void update(HandMade gradient, double factor = 1.0) {
    gradient.parameter = &table_;
    tg::Gradients gradients = gradients_of({gradient}, table_.dtype());
    gradients.scale(factor);
    optimizer_->update(parameters_, gradients);
  }
  void update_dense(HandMade gradient, double factor = 1.0) {
    gradient.parameter = &table_;
    update(made_dense(gradient), factor);
  }

  tg::Parameters& parameters() { return parameters_; }
  tg::Parameter& table() { return table_; }
  Optimizer& optimizer() { return *optimizer_; }

 private:
  tg::Parameters parameters_;
  tg::Parameter& table_;
  std::unique_ptr<Optimizer> optimizer_;
};

// Gradients of a table over time: low rows often, high rows with long gaps, the last never.
class Touches {
 public:
  explicit Touches(std::uint64_t seed, tg::Index rows = 24, tg::Index width = 5)
      : random_(seed, 1), rows_(rows), width_(width) {}

  HandMade next() {
    HandMade gradient{.sparse = true};
    for (tg::Index row = 0; row + 1 < rows_; ++row) {
      if (random_.uniform(0.0, 1.0) < 0.5 / static_cast<double>(1 + row * row))
        gradient.rows.push_back(row);
    }
    fill(gradient, gradient.rows.size());
    return gradient;
  }
  HandMade next_dense() {
    HandMade gradient;
    fill(gradient, static_cast<std::size_t>(rows_));
    return gradient;
  }
  tg::Random& random() { return random_; }

 private:
  void fill(HandMade& gradient, std::size_t rows) {
    for (std::size_t i = 0; i < rows * static_cast<std::size_t>(width_); ++i)
      gradient.values.push_back(random_.uniform(-1.0, 1.0));
  }

  tg::Random random_;
  tg::Index rows_, width_;
};

}  // namespace optim_test
