// Products of stacks of matrices: [..., m, k] · [..., k, n].
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  std::int32_t left, right;
};

// Extents of one product.
struct Sizes {
  Index batch, m, n, k;
};

Sizes sizes_of(const Shape& left, const Shape& right, const Attributes& transposed) {
  const int rank = left.rank();
  return {.batch = left.product(0, rank - 2),
          .m = left[transposed.left != 0 ? -1 : -2],
          .n = right[transposed.right != 0 ? -2 : -1],
          .k = left[transposed.left != 0 ? -2 : -1]};
}

Type shape_rule(const ShapeContext& context) {
  const Shape& left = context.shape(0);
  const Shape& right = context.shape(1);
  const auto& transposed = context.attributes<Attributes>();
  bool fits = left.rank() == right.rank() && left.rank() >= 2 &&
              context.inputs[0]->dtype == context.inputs[1]->dtype;
  for (int axis = 0; fits && axis < left.rank() - 2; ++axis) fits = left[axis] == right[axis];
  if (!fits) {
    throw ShapeError(
        fmt::format("stacks of matrices need the same leading extents; left {}, right {}",
                    left.to_string(), right.to_string()));
  }
  const Sizes sizes = sizes_of(left, right, transposed);
  const Index inner = right[transposed.right != 0 ? -1 : -2];
  if (sizes.k != inner) {
    throw ShapeError(fmt::format(
        "left columns ({}) must equal right rows ({}); left {}, right {}{}{}", sizes.k, inner,
        left.to_string(), right.to_string(), transposed.left != 0 ? ", left transposed" : "",
        transposed.right != 0 ? ", right transposed" : ""));
  }
  return {left.with(-2, sizes.m).with(-1, sizes.n), context.inputs[0]->dtype};
}

// Rows of the output are tiles; a tile may begin and end inside of a matrix.
template <class T>
void kernel(const KernelContext& context) {
  const auto& transposed = context.attributes<Attributes>();
  const Sizes sizes = sizes_of(context.shape(0), context.shape(1), transposed);
  for (Index row = context.begin; row < context.end;) {
    const Index batch = row / sizes.m;
    const Index first = row - batch * sizes.m;
    const Index rows = std::min(sizes.m - first, context.end - row);
    const T* left = context.in<T>(0) + batch * sizes.m * sizes.k;
    const T* right = context.in<T>(1) + batch * sizes.k * sizes.n;
    const GemmOperand<T> a = transposed.left != 0 ? GemmOperand<T>{left + first, sizes.m, true}
                                                  : GemmOperand<T>{left + first * sizes.k, sizes.k};
    const GemmOperand<T> b = transposed.right != 0 ? GemmOperand<T>{right, sizes.k, true}
                                                   : GemmOperand<T>{right, sizes.n};
    gemm(rows, sizes.n, sizes.k, a, b, context.out<T>() + row * sizes.n, sizes.n);
    row += rows;
  }
}

// With the transpositions as flags: for A·B, dA = G·Bᵀ and dB = Aᵀ·G, and a transposed side takes
// its gradient transposed.
void gradient_rule(GradientContext& context) {
  const Attributes flags = context.attributes<Attributes>();
  const bool left = flags.left != 0;
  const bool right = flags.right != 0;
  const Tensor a = context.input(0);
  const Tensor b = context.input(1);
  const Tensor g = context.gradient();
  if (context.needs(0)) {
    context.add(0, left ? batched_matmul(b, g, {.left = right, .right = true})
                        : batched_matmul(g, b, {.left = false, .right = !right}));
  }
  if (context.needs(1)) {
    context.add(1, right ? batched_matmul(g, a, {.left = true, .right = left})
                         : batched_matmul(a, g, {.left = !left, .right = false}));
  }
}

double cost_rule(const ShapeContext& context, const Type&) {
  const Sizes sizes =
      sizes_of(context.shape(0), context.shape(1), context.attributes<Attributes>());
  return static_cast<double>(sizes.batch) * gemm_cost(sizes.m, sizes.n, sizes.k);
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](bool left, bool right) {
    return [left, right](std::span<const Tensor> x) {
      return matmul(x[0], x[1], {.left = left, .right = right});
    };
  };
  return {{.name = "plain", .inputs = {{2, 2, 3}, {2, 3, 4}}, .apply = apply(false, false)},
          {.name = "left", .inputs = {{2, 3, 2}, {2, 3, 4}}, .apply = apply(true, false)},
          {.name = "right", .inputs = {{2, 2, 3}, {2, 4, 3}}, .apply = apply(false, true)},
          {.name = "both", .inputs = {{2, 3, 2}, {2, 4, 3}}, .apply = apply(true, true)},
          {.name = "one row each", .inputs = {{3, 1, 2}, {3, 2, 1}}, .apply = apply(false, false)},
          {.name = "empty", .inputs = {{0, 2, 3}, {0, 3, 4}}, .apply = apply(false, false)}};
}

}  // namespace

constinit const Operation batched_matmul_operation{.name = "matmul",
                                                   .form = Form::whole,
                                                   .inputs = 2,
                                                   .tiling = Tiling::output_rows,
                                                   .shape = shape_rule,
                                                   .cost = cost_rule,
                                                   .kernel_float = kernel<float>,
                                                   .kernel_double = kernel<double>,
                                                   .gradient = gradient_rule,
                                                   .cases = check_cases};

Tensor batched_matmul(const Located& left, const Located& right, Transposed transposed) {
  return record(batched_matmul_operation, left, right,
                Attributes{transposed.left ? 1 : 0, transposed.right ? 1 : 0});
}

}  // namespace tapegrad
