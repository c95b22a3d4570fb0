// The descriptor of an operation: everything that the engine knows of it.
// docs/adding-an-operation.md is the guide.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tapegrad/graph/type_table.h>

namespace tapegrad {

class GradientContext;
class Tensor;

// How an operation reads and writes, which decides how the planner may batch, fuse, split and place
// it.
enum class Form : std::uint8_t {
  leaf,  // no arithmetic: the value is given
  view,  // no arithmetic: the value lies inside input 0, if place() says so; else the kernel copies
         // it
  elementwise,  // every output element comes from the same place of each input (inputs may be
                // broadcast rows, columns or scalars)
  rows,   // works on rows, as Stacking says; inputs may be column slices (a pitch wider than the
          // columns)
  whole,  // reads and writes whole contiguous tensors
  sum,    // the engine's own addition of many tensors of one type
};

// What happens when several nodes of one `rows` operation run as one.
enum class Stacking : std::uint8_t {
  none,  // nothing: they run one after another
  rows,  // f(stacked rows) = stacked f(rows): inputs in `shared` must be the same node, the others
         // are stacked
  adds,  // f(stacked rows) = sum of the f(rows): used where a sum adds them, as with the gradients
         // of a weight
};

// What a kernel's range [begin, end) counts.
enum class Tiling : std::uint8_t { none, output_rows, input_rows };

// A row-major matrix of a tensor's elements: all extents but the last make the rows, which are
// `pitch` elements apart.
struct Matrix {
  std::byte* data = nullptr;
  Index rows = 1;
  Index columns = 1;
  Index pitch = 1;
  Index size() const { return rows * columns; }
};

// What a kernel gets. For stacked nodes the matrices have all their rows, while the types are those
// of the first node.
struct KernelContext {
  Matrix output;
  std::span<const Matrix> inputs;
  const Type* output_type = nullptr;
  std::span<const Type* const> input_types;
  const void* attribute_bytes = nullptr;
  Index begin = 0, end = 0;  // the range to compute, in the units of the operation's Tiling
  std::uint64_t seed = 0;    // the tape's, and
  std::uint64_t step = 0;    // the training step, for random operations

  template <class T>
  T* out() const {
    return reinterpret_cast<T*>(output.data);
  }
  template <class T>
  const T* in(std::size_t i) const {
    return reinterpret_cast<const T*>(inputs[i].data);
  }
  template <class T>
  const T* row(std::size_t i, Index r) const {
    return in<T>(i) + r * inputs[i].pitch;
  }
  const Shape& shape(std::size_t i) const { return input_types[i]->shape; }
  const Shape& output_shape() const { return output_type->shape; }
  template <class Attributes>
  const Attributes& attributes() const {
    return *static_cast<const Attributes*>(attribute_bytes);
  }
};

using Kernel = void (*)(const KernelContext&);

// Computes `count` elements. Bit i of `steps` says that input i advances with the output; otherwise
// its first element serves all.
using ElementwiseKernel = void (*)(void* output, const void* const* inputs, unsigned steps,
                                   Index count);

// What a shape rule gets.
struct ShapeContext {
  std::span<const Type* const> inputs;
  const void* attribute_bytes = nullptr;
  // The tape's element type, for operations without floating inputs.
  Dtype floating = Dtype::float32;

  const Shape& shape(std::size_t i) const { return inputs[i]->shape; }
  template <class Attributes>
  const Attributes& attributes() const {
    return *static_cast<const Attributes*>(attribute_bytes);
  }
};

// Where a view lies in its input.
struct Placement {
  Index offset = 0;  // elements from the input's first
  Index pitch = 0;   // elements between the rows of the view's matrix
};

struct ViewContext {
  const Shape* input = nullptr;
  const Shape* output = nullptr;
  Index pitch = 0;         // of the input
  bool contiguous = true;  // the input
  const void* attribute_bytes = nullptr;
};

// A check case: `apply` on inputs of these shapes, drawn uniformly from [low, high), is smooth
// there.
struct OperationCase {
  std::string name;
  std::vector<Shape> inputs;
  std::function<Tensor(std::span<const Tensor>)> apply;
  double low = -1.0;
  double high = 1.0;
  bool first_order = true;   // has a gradient
  bool second_order = true;  // and that one has a gradient too
};

// How many inputs an operation takes. Recording another number is an error.
struct Arity {
  std::uint32_t least = 1, most = 0;  // nothing fits, unless stated

  constexpr Arity() = default;
  constexpr Arity(std::uint32_t count) : least(count), most(count) {}  // NOLINT: converts by design
  constexpr Arity(std::uint32_t at_least, std::uint32_t at_most) : least(at_least), most(at_most) {}
  static const Arity one_or_more;

  constexpr bool fits(std::size_t count) const { return count >= least && count <= most; }
};
inline constexpr Arity Arity::one_or_more{1, ~std::uint32_t{0}};

struct Operation {
  std::string_view name;
  Form form = Form::whole;
  Arity inputs = {};  // must be stated
  Stacking stacking = Stacking::none;
  Tiling tiling = Tiling::none;
  std::uint8_t shared = 0;  // bit i: input i is shared by stacked nodes
  bool reads_rows = false;  // reads only the rows of input 0 that the ids of input 1 name
  // Adds the rows of input 1 at the ids of input 0 into zeros: may stay row-sparse.
  bool scatters_rows = false;
  float work = 1.0F;         // elementwise and rows: cost of an element, an addition being 1
  bool is_addition = false;  // input 0 + input 1: a chain of them may run as one sum
  bool moves = false;        // only moves elements, so that tensors of integers may pass
  // Whether the output lies in memory as its inputs one after another, so that these may be written
  // there at once.
  bool (*joins)(const Shape& output, const void* attributes) = nullptr;

  // The output's type; throws ShapeError. Elementwise operations may leave it out: they broadcast.
  Type (*shape)(const ShapeContext&) = nullptr;
  // Nanoseconds of one node on one core, if `work` does not say it.
  double (*cost)(const ShapeContext&, const Type& output) = nullptr;
  bool (*place)(const ViewContext&, Placement&) = nullptr;

  ElementwiseKernel elementwise_float = nullptr;
  ElementwiseKernel elementwise_double = nullptr;
  Kernel kernel_float = nullptr;
  Kernel kernel_double = nullptr;

  // Emits the gradient's nodes; null: the operation has no gradient, and asking for one is an
  // error.
  void (*gradient)(GradientContext&) = nullptr;
  // Its output does not depend smoothly on its inputs (argmax, comparisons): gradients stop here.
  bool constant = false;

  std::vector<OperationCase> (*cases)() = nullptr;
};

// The attributes of an operation as bytes: a trivially copyable struct without padding.
template <class Attributes>
std::span<const std::byte> bytes_of(const Attributes& attributes) {
  static_assert(std::is_trivially_copyable_v<Attributes>);
  return {reinterpret_cast<const std::byte*>(&attributes), sizeof(Attributes)};
}

}  // namespace tapegrad
