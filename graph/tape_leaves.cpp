// The leaves of a tape: inputs, ids, scalars, parameters.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/leaf_operations.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {
namespace {

std::string written(SourceLine line) { return fmt::format("at {}:{}", line.file, line.line); }

template <class From, class To>
void convert(std::span<const From> from, std::byte* bytes) {
  To* to = reinterpret_cast<To*>(bytes);
  if constexpr (std::is_same_v<From, To>) {
    copy_bytes(to, from.data(), from.size_bytes());
  } else {
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<To>(from[i]);
  }
}

void check_count(std::size_t count, const Shape& shape, SourceLine line) {
  if (static_cast<Index>(count) != shape.size()) {
    throw ShapeError(fmt::format("input: shape {} takes {} values, got {}; {}", shape.to_string(),
                                 shape.size(), count, written(line)));
  }
}

}  // namespace

template <class T>
Tensor Tape::add_input(std::span<const T> values, const Shape& shape, SourceLine line) {
  check_count(values.size(), shape, line);
  std::byte* bytes =
      leaves_.add_copied(structure_.count(), values.size() * size_of(options_.dtype));
  if (options_.dtype == Dtype::float32)
    convert<T, float>(values, bytes);
  else
    convert<T, double>(values, bytes);
  return add_leaf(input_operation, {shape, options_.dtype}, line);
}

Tensor Tape::input(const Array& array, SourceLine line) {
  switch (array.dtype()) {
    case Dtype::float32:
      return add_input(array.values<float>(), array.shape(), line);
    case Dtype::float64:
      return add_input(array.values<double>(), array.shape(), line);
    case Dtype::int64:
      return ids(array.values<Index>(), array.shape(), line);
    case Dtype::int32:
      break;
  }
  const Array wide = array.to(Dtype::int64);
  return ids(wide.values<Index>(), array.shape(), line);
}

Tensor Tape::input(std::span<const float> values, const Shape& shape, SourceLine line) {
  return add_input(values, shape, line);
}
Tensor Tape::input(std::span<const double> values, const Shape& shape, SourceLine line) {
  return add_input(values, shape, line);
}

Tensor Tape::ids(std::span<const Index> values, const Shape& shape, SourceLine line) {
  check_count(values.size(), shape, line);
  std::byte* bytes = leaves_.add_copied(structure_.count(), values.size_bytes());
  convert<Index, Index>(values, bytes);
  if (!values.empty()) {
    const auto [least, greatest] = std::ranges::minmax(values);
    leaves_.back().least = least;
    leaves_.back().greatest = greatest;
  }
  return add_leaf(input_operation, {shape, Dtype::int64}, line);
}

Tensor Tape::ids(std::span<const Index> values, SourceLine line) {
  return ids(values, {static_cast<Index>(values.size())}, line);
}

Tensor Tape::ids(std::span<const std::int32_t> values, SourceLine line) {
  auto* bytes = leaves_.add_copied(structure_.count(), values.size() * sizeof(Index));
  convert<std::int32_t, Index>(values, bytes);
  if (!values.empty()) {
    const auto [least, greatest] = std::ranges::minmax(values);
    leaves_.back().least = least;
    leaves_.back().greatest = greatest;
  }
  return add_leaf(input_operation, {{static_cast<Index>(values.size())}, Dtype::int64}, line);
}

Tensor Tape::constant(double value, SourceLine line) {
  return add_input(std::span<const double>(&value, 1), {}, line);
}

Tensor Tape::full(const Shape& shape, double value, SourceLine line) {
  const auto count = static_cast<std::size_t>(shape.size());
  std::byte* bytes = leaves_.add_copied(structure_.count(), count * size_of(options_.dtype));
  if (options_.dtype == Dtype::float32)
    std::fill_n(reinterpret_cast<float*>(bytes), count, static_cast<float>(value));
  else
    std::fill_n(reinterpret_cast<double*>(bytes), count, value);
  return add_leaf(input_operation, {shape, options_.dtype}, line);
}

Tensor Tape::borrow(const Array& array, SourceLine line) {
  if (array.dtype() != options_.dtype) {
    throw ShapeError(fmt::format("borrow: the tape holds {}, the array {}; {}",
                                 name_of(options_.dtype), name_of(array.dtype()), written(line)));
  }
  leaves_.add_borrowed(structure_.count(), array.data());
  return add_leaf(borrowed_operation, {array.shape(), array.dtype()}, line);
}

Tape::Known& Tape::known(const Parameter& parameter) {
  const std::size_t mask = known_.size() - 1;
  std::size_t at = parameter.serial() * 0x9E3779B97F4A7C15u >> 32 & mask;
  while (known_[at].generation == generation_ && known_[at].parameter != parameter.serial())
    at = (at + 1) & mask;
  return known_[at];
}

Tensor Tape::operator()(const Parameter& parameter, SourceLine line) {
  Known* place = &known(parameter);
  if (place->generation == generation_ && place->node < structure_.count()) {
    // Another node is there if the leaf was taken back.
    const Node& node = structure_.nodes[place->node];
    if (node.is_leaf() && leaves_[node.first_input].parameter == &parameter)
      return {*this, place->node, generation_};
  }
  parameter.check_value();
  const auto substitute =
      substitutes_.empty() ? substitutes_.end() : substitutes_.find(parameter.serial());
  const std::uint32_t flags = parameter.frozen() ? Node::no_gradient_flag : 0;
  Tensor leaf;
  if (substitute == substitutes_.end() && parameter.dtype() == options_.dtype) {
    leaves_.add_parameter(structure_.count(), parameter);
    leaf = add_leaf(parameter_operation, {parameter.shape(), options_.dtype}, line, flags);
  } else {
    const Array value = (substitute != substitutes_.end() ? *substitute->second : parameter.value())
                            .to(options_.dtype);
    copy_bytes(leaves_.add_copied(structure_.count(), value.bytes()), value.data(), value.bytes());
    leaves_.mark_parameter(parameter);
    leaf = add_leaf(copied_parameter_operation, {parameter.shape(), options_.dtype}, line, flags);
  }
  *place = {parameter.serial(), leaf.node(), generation_};
  if (++known_count_ * 2 > known_.size()) {
    // Entries of this generation only; growing is rare, so collect them from the leaves.
    known_.assign(known_.size() * 4, {});
    known_count_ = 0;
    for (std::uint32_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].parameter == nullptr) continue;
      known(*leaves_[i].parameter) = {leaves_[i].parameter->serial(), leaves_[i].node, generation_};
      ++known_count_;
    }
  }
  return leaf;
}

void Tape::substitute(const Parameter& parameter, const Array* value) {
  if (value == nullptr) {
    substitutes_.erase(parameter.serial());
    return;
  }
  if (value->shape() != parameter.shape()) {
    throw ShapeError(fmt::format("substitute: parameter {} has shape {}, got {}", parameter.name(),
                                 parameter.shape().to_string(), value->shape().to_string()));
  }
  substitutes_[parameter.serial()] = value;
}

}  // namespace tapegrad
