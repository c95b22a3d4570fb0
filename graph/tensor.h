// The handle of a node on a tape.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/shape.h>
#include <tapegrad/graph/source_line.h>
#include <tapegrad/graph/structure.h>

namespace tapegrad {

class Tape;

// A small value that names a node: copying is free. Using one after its tape was cleared throws
// TapeError.
class Tensor {
 public:
  Tensor() = default;
  Tensor(Tape& tape, NodeId node, std::uint32_t generation)
      : tape_(&tape), node_(node), generation_(generation) {}

  // Throws TapeError for a handle that names nothing.
  Tape& tape() const {
    if (tape_ == nullptr) throw_empty();
    return *tape_;
  }
  NodeId node() const { return node_; }
  std::uint32_t generation() const { return generation_; }
  explicit operator bool() const { return tape_ != nullptr; }

  // Valid until the tape is cleared.
  const Shape& shape() const;
  Dtype dtype() const;

  // The number, computed if need be with just what it depends on. item() takes a tensor of one
  // element.
  double item() const;
  // The numbers in row-major order; valid until the tape is cleared. T is the tape's element type,
  // or int64_t for ids.
  template <class T = float>
  std::span<const T> values() const {
    return {static_cast<const T*>(data(dtype_of<T>)), static_cast<std::size_t>(shape().size())};
  }
  // The numbers as an array of their own.
  Array copy() const;

 private:
  friend class Tape;
  const void* data(Dtype dtype) const;
  [[noreturn]] static void throw_empty();

  Tape* tape_ = nullptr;
  NodeId node_ = no_node;
  std::uint32_t generation_ = 0;
};

// A tensor together with the line of the program that passed it: operations take their arguments as
// Located, so that errors can name the user's line, for operators too.
struct Located {
  Located(Tensor passed, const char* file = __builtin_FILE(),
          int number = __builtin_LINE())  // NOLINT: converts by design
      : tensor(passed), line{file, number} {}
  Located(Tensor passed, SourceLine passed_at) : tensor(passed), line(passed_at) {}

  const Shape& shape() const { return tensor.shape(); }
  operator const Tensor&() const { return tensor; }  // NOLINT: converts by design

  Tensor tensor;
  SourceLine line;
};

// Appends a node. What every operation's function ends in; also a user's own. `line` is inputs[0]'s
// for Located inputs.
Tensor record(const Operation& operation, std::span<const Tensor> inputs,
              std::span<const std::byte> attributes, SourceLine line);

// The same for one, two or three inputs, which are not copied together first.
Tensor record(const Operation& operation, const Located& x,
              std::span<const std::byte> attributes = {});
Tensor record(const Operation& operation, const Located& x, const Located& y,
              std::span<const std::byte> attributes = {});
Tensor record(const Operation& operation, const Located& x, const Located& y, const Located& z);

template <class Attributes>
concept OperationAttributes =
    std::is_trivially_copyable_v<Attributes> && !std::is_convertible_v<Attributes, Located> &&
    !std::is_convertible_v<Attributes, std::span<const std::byte>>;

template <OperationAttributes Attributes>
Tensor record(const Operation& operation, const Located& x, const Attributes& attributes) {
  return record(operation, x, bytes_of(attributes));
}
template <OperationAttributes Attributes>
Tensor record(const Operation& operation, const Located& x, const Located& y,
              const Attributes& attributes) {
  return record(operation, x, y, bytes_of(attributes));
}

}  // namespace tapegrad
