// What backward() returns: the gradient of each parameter, as a value.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/buffer.h>
#include <tapegrad/graph/parameters.h>

namespace tapegrad {

// One parameter's gradient. Row-sparse: only `rows` of the parameter's matrix have one; they are
// distinct and ascending, and `values` holds them one after another. Dense: `rows` is empty and
// `values` holds all.
struct GradientEntry {
  const Parameter* parameter = nullptr;
  bool sparse = false;
  std::span<const Index> rows;
  const void* values = nullptr;  // of the type `dtype`, to be multiplied by Gradients::factor()
  Index count = 0;               // numbers in `values`
  Dtype dtype = Dtype::float32;

  template <class T>
  std::span<const T> as() const {
    return {static_cast<const T*>(values), static_cast<std::size_t>(count)};
  }
  // Numbers in a row of the parameter's matrix.
  Index width() const { return parameter->shape().columns(); }
};

// The memory of one run's results.
struct ResultBlock {
  Buffer bytes;
  std::vector<GradientEntry> entries;
  std::vector<std::weak_ptr<const void>> owners;  // of the entries' parameters
};

// What a run returns. Copies share one block, which the tape takes back when the last of them is
// gone. Default-made, or moved from, there are none. The parameters must be there still where
// gradients are asked for by name or parameter, added or used in an update: else these throw
// ValueError.
class Gradients {
 public:
  Gradients() = default;
  explicit Gradients(std::shared_ptr<const ResultBlock> block) : block_(std::move(block)) {}

  std::span<const GradientEntry> entries() const {
    return block_ ? std::span(block_->entries) : std::span<const GradientEntry>{};
  }
  auto begin() const { return entries().begin(); }
  auto end() const { return entries().end(); }
  std::size_t size() const { return entries().size(); }
  // Throws ValueError if the entries' parameters are gone.
  void check_parameters() const;

  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // The gradient of a parameter as a dense array, factor included. Throws ValueError for one that
  // the loss does not reach.
  Array at(std::string_view name) const;
  Array at(const Parameter& parameter) const;
  // The same, zeros for a parameter that the loss does not reach.
  Array at_or_zero(const Parameter& parameter) const;

  // The Euclidean norm over all entries.
  double norm() const;
  // That of one parameter's entry; 0 for a parameter that the loss does not reach.
  double norm(const Parameter& parameter) const;
  // Scaling only notes the factor; optimizers multiply as they read.
  void scale(double factor) { factor_ *= factor; }
  double factor() const { return factor_; }
  // Brings every number within [-limit, limit].
  void clamp(double limit);

  // Those of parameters that are not among these.
  Gradients without(const Parameters& parameters) const;

  // Entry by entry, for accumulation over several batches; the sum of two row-sparse entries is
  // row-sparse. Throws ValueError for entries of different element types, and then leaves these as
  // they were.
  Gradients& operator+=(const Gradients& other);

 private:
  const GradientEntry* find(std::string_view name) const;
  const GradientEntry* find(const Parameter& parameter) const;

  std::shared_ptr<const ResultBlock> block_;
  double factor_ = 1.0;
};

}  // namespace tapegrad
