// Random DAGs of many operations and sizes, for the planner.
#pragma once

#include "graph_test_tools.h"

#include <algorithm>
#include <map>

namespace graph_test {

// Draws the same graph for the same seed, whatever the tape's options. Values stay small, and away
// from kinks.
class RandomGraph {
 public:
  // `scale` multiplies the extents: 1 makes tiny graphs, 64 ones of which memory is used again and
  // kernels are split.
  RandomGraph(std::uint64_t seed, tg::Index scale, int nodes)
      : seed_(seed), scale_(scale), nodes_(nodes), parameters_(seed) {
    for (int i = 0; i < 3; ++i) {
      parameters_.add(numbered("square", i), {extent(), extent()}, uniform(-0.3, 0.3));
      parameters_.add(numbered("bias", i), {extent()}, uniform());
      parameters_.add(numbered("table", i), {7 * scale_, extent()}, uniform());
    }
  }

  tg::Parameters& parameters() { return parameters_; }
  tg::Index extent() const { return 4 * scale_; }

  // A scalar that every drawn node may feed.
  tg::Tensor record(tg::Tape& tape) {
    tape_ = &tape;
    random_ = tg::Random(seed_, 1);
    pool_.clear();
    for (int i = 0; i < 3; ++i) pool_.push_back(gather(i));
    pool_.push_back(input({extent(), extent()}));
    for (int i = 0; i < nodes_; ++i) pool_.push_back(step());
    std::vector<tg::Tensor> sums;
    for (std::size_t i = pool_.size() / 2; i < pool_.size(); ++i)
      sums.push_back(tg::mean(tg::square(pool_[i])));
    return tg::add_all(sums);
  }
  // The nodes of the last recording.
  const std::vector<tg::Tensor>& pool() const { return pool_; }

 private:
  tg::Index below(tg::Index count) { return random_.below(count); }
  // Mostly recent ones, so that graphs get deep.
  tg::Tensor pick() {
    const auto size = static_cast<tg::Index>(pool_.size());
    const tg::Index back = below(3) == 0 ? below(size) : below(std::min<tg::Index>(size, 6));
    return pool_[static_cast<std::size_t>(size - 1 - back)];
  }
  tg::Tensor parameter(const char* kind) {
    return (*tape_)(parameters_.at(numbered(kind, static_cast<int>(below(3)))));
  }
  tg::Tensor input(const tg::Shape& shape) {
    std::vector<float> values(static_cast<std::size_t>(shape.size()));
    for (float& value : values) value = static_cast<float>(random_.uniform(-1.0, 1.0));
    return tape_->input(std::span<const float>(values), shape);
  }
  tg::Tensor gather(tg::Index table) {
    std::vector<tg::Index> ids(static_cast<std::size_t>(1 + below(2 * scale_)));
    for (tg::Index& id : ids) id = below(7 * scale_);
    return tg::gather_rows((*tape_)(parameters_.at(numbered("table", static_cast<int>(table)))),
                           tape_->ids(ids));
  }
  // A column of each row that is the largest by 4: among values that differ only by rounding, the
  // place of the largest would depend on the element type, the compiler and the plan.
  tg::Tensor favourites(tg::Index rows) {
    std::vector<float> values(static_cast<std::size_t>(rows * extent()));
    for (tg::Index r = 0; r < rows; ++r)
      values[static_cast<std::size_t>(r * extent() + below(extent()))] = 4.0F;
    return tape_->input(std::span<const float>(values), {rows, extent()});
  }

  // Every node is a matrix of extent() columns and any number of rows.
  tg::Tensor step() {
    const tg::Tensor x = pick();
    const tg::Index rows = x.shape()[0];
    const tg::Index columns = extent();
    switch (below(16)) {
      case 0:
        return tg::matmul(x, parameter("square"));
      case 1:
        return tg::tanh(tg::matmul(x, parameter("square"), {.right = true}) + parameter("bias"));
      case 2:
        return tg::sigmoid(x * parameter("bias"));
      case 3:
        return gather(below(3));
      case 4: {  // a column beside a matrix
        return x * tg::mean(x, {1}, true) + 0.5;
      }
      case 5: {  // gates: column slices, put together again elsewhere
        const auto parts = tg::split(x, 4, 1);
        return tg::concatenate({parts[2], parts[0] * tg::sigmoid(parts[1]), parts[1], parts[3]}, 1);
      }
      case 6: {  // rows of two matrices
        const tg::Tensor y = pick();
        const tg::Index most = std::min<tg::Index>(3 * scale_, rows + y.shape()[0]);
        return tg::slice(tg::concatenate({x, y}, 0), 0, 0, most);
      }
      case 7:
        return tg::slice(x, 0, 0, (rows + 1) / 2);
      case 8: {
        const tg::Tensor y = pick();
        const tg::Index least = std::min(rows, y.shape()[0]);
        return tg::slice(x, 0, rows - least, rows) - tg::slice(y, 0, 0, least) * 0.7;
      }
      case 9:
        return tg::sin(tg::reshape(tg::reshape(x, {rows * 2, columns / 2}), {rows, columns}) *
                       1.1) +
               x;
      case 10:
        return x + tg::sum(x, {0}) * (0.1 / static_cast<double>(rows));
      case 11:
        return tg::softmax(x) * 2.0 - tg::square(tg::tanh(x));
      case 12:
        return tg::matmul(
            tg::matmul(x, x, {.left = true}) * (1.0 / static_cast<double>(rows * columns)),
            parameter("square"));
      case 13: {  // a chain that fuses
        tg::Tensor y = x;
        for (int i = 0; i < 4; ++i) y = tg::tanh(y * 0.9 + x);
        return y;
      }
      case 14: {  // rows one by one, as a recurrent net has them
        std::vector<tg::Tensor> outputs;
        tg::Tensor state = tg::slice(x, 0, 0, 1);
        for (tg::Index r = 0; r < std::min<tg::Index>(rows, 5); ++r) {
          state = tg::tanh(tg::matmul(tg::slice(x, 0, r, r + 1), parameter("square")) +
                           tg::matmul(state, parameter("square")));
          outputs.push_back(state);
        }
        return tg::concatenate(outputs, 0);
      }
      default: {  // computed ids
        const tg::Tensor places = tg::argmax(tg::tanh(x) + favourites(rows), 1);
        return tg::gather_rows(parameter("table"), places) * 0.5 + x;
      }
    }
  }

  std::uint64_t seed_;
  tg::Index scale_;
  int nodes_;
  tg::Parameters parameters_;
  tg::Tape* tape_ = nullptr;
  tg::Random random_{0};
  std::vector<tg::Tensor> pool_;
};

// What a graph gives on a tape of these options: the loss, then each parameter's gradient, zeros
// for those not reached.
inline std::vector<tg::Array> outcome(RandomGraph& graph, tg::Tape& tape) {
  tape.clear();
  const tg::Tensor loss = graph.record(tape);
  const tg::Gradients gradients = tg::backward(loss);
  std::vector<tg::Array> results{loss.copy()};
  for (const tg::Parameter& parameter : graph.parameters()) {
    results.push_back(gradients.contains(parameter.name())
                          ? gradients.at(parameter)
                          : tg::Array(parameter.shape(), tape.dtype()));
  }
  return results;
}
inline std::vector<tg::Array> outcome(RandomGraph& graph, const tg::TapeOptions& options) {
  tg::Tape tape(options);
  return outcome(graph, tape);
}

inline double distance(const std::vector<tg::Array>& a, const std::vector<tg::Array>& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double largest = 1e-3;
    for (tg::Index k = 0; k < a[i].size(); ++k) largest = std::max(largest, std::abs(a[i].at(k)));
    for (tg::Index k = 0; k < a[i].size(); ++k) {
      const double error = std::abs(a[i].at(k) - b[i].at(k)) / largest;
      worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
    }
  }
  return worst;
}

}  // namespace graph_test
