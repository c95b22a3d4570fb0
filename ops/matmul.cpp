// A product is one of four operations, so that the planner sees which inputs stack: A·B and A·Bᵀ
// share B and stack the rows of A; Aᵀ·B of many pairs is one product of stacked rows, which is what
// the gradients of a weight used many times add up to.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

Type typed(const ShapeContext& context, const Shape& shape) {
  if (context.inputs[0]->dtype != context.inputs[1]->dtype ||
      !is_floating(context.inputs[0]->dtype)) {
    throw ShapeError(fmt::format("both sides must be of one floating-point type, got {} and {}",
                                 name_of(context.inputs[0]->dtype),
                                 name_of(context.inputs[1]->dtype)));
  }
  return {shape, context.inputs[0]->dtype};
}

void check_inner(const ShapeContext& context, Index left, std::string_view left_name, Index right,
                 std::string_view right_name) {
  if (left == right) return;
  throw ShapeError(fmt::format("left {} ({}) must equal right {} ({}); left {}, right {}",
                               left_name, left, right_name, right, context.shape(0).to_string(),
                               context.shape(1).to_string()));
}

void check_ranks(const ShapeContext& context) {
  if (context.shape(0).rank() >= 1 && context.shape(1).rank() == 2) return;
  throw ShapeError(fmt::format("needs matrices, got left {}, right {}",
                               context.shape(0).to_string(), context.shape(1).to_string()));
}

Type plain_shape(const ShapeContext& context) {
  check_ranks(context);
  check_inner(context, context.shape(0).columns(), "columns", context.shape(1)[0], "rows");
  return typed(context, context.shape(0).with(-1, context.shape(1)[1]));
}

Type right_shape(const ShapeContext& context) {
  check_ranks(context);
  check_inner(context, context.shape(0).columns(), "columns", context.shape(1)[1], "columns");
  return typed(context, context.shape(0).with(-1, context.shape(1)[0]));
}

Type left_shape(const ShapeContext& context) {
  check_inner(context, context.shape(0).rows(), "rows", context.shape(1).rows(), "rows");
  return typed(context, {context.shape(0).columns(), context.shape(1).columns()});
}

template <class T>
void plain_kernel(const KernelContext& context) {
  const Matrix& right = context.inputs[1];
  gemm(context.end - context.begin, right.columns, right.rows,
       {context.row<T>(0, context.begin), context.inputs[0].pitch}, {context.in<T>(1), right.pitch},
       context.out<T>() + context.begin * context.output.pitch, context.output.pitch);
}

template <class T>
void right_kernel(const KernelContext& context) {
  const Matrix& right = context.inputs[1];
  gemm(context.end - context.begin, right.rows, right.columns,
       {context.row<T>(0, context.begin), context.inputs[0].pitch},
       {context.in<T>(1), right.pitch, true},
       context.out<T>() + context.begin * context.output.pitch, context.output.pitch);
}

template <class T>
void left_kernel(const KernelContext& context) {
  const Matrix& left = context.inputs[0];
  const Matrix& right = context.inputs[1];
  gemm(context.end - context.begin, right.columns, left.rows,
       {context.in<T>(0) + context.begin, left.pitch, true}, {context.in<T>(1), right.pitch},
       context.out<T>() + context.begin * context.output.pitch, context.output.pitch);
}

double plain_cost(const ShapeContext& context, const Type& output) {
  return gemm_cost(output.shape.rows(), output.shape.columns(), context.shape(0).columns());
}
double left_cost(const ShapeContext& context, const Type& output) {
  return gemm_cost(output.shape.rows(), output.shape.columns(), context.shape(0).rows());
}

Tensor plain(const Located& a, const Located& b) { return record(matmul_operation, a, b); }
Tensor with_right(const Located& a, const Located& b) {
  return record(matmul_transposed_right_operation, a, b);
}
Tensor with_left(const Located& a, const Located& b) {
  return record(matmul_transposed_left_operation, a, b);
}

// A·B: G·Bᵀ and Aᵀ·G.
void plain_gradient(GradientContext& context) {
  if (context.needs(0)) context.add(0, with_right(context.gradient(), context.input(1)));
  if (context.needs(1)) context.add(1, with_left(context.input(0), context.gradient()));
}

// A·Bᵀ: G·B and Gᵀ·A.
void right_gradient(GradientContext& context) {
  if (context.needs(0)) context.add(0, plain(context.gradient(), context.input(1)));
  if (context.needs(1)) context.add(1, with_left(context.gradient(), context.input(0)));
}

// Aᵀ·B: B·Gᵀ and A·G.
void left_gradient(GradientContext& context) {
  if (context.needs(0))
    context.add(
        0, reshape(with_right(context.input(1), context.gradient()), context.input(0).shape()));
  if (context.needs(1))
    context.add(1, reshape(plain(context.input(0), context.gradient()), context.input(1).shape()));
}

std::vector<OperationCase> plain_cases() {
  const auto apply = [](std::span<const Tensor> x) { return matmul(x[0], x[1]); };
  return {{.name = "matrices", .inputs = {{2, 3}, {3, 4}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 3}, {3, 2}}, .apply = apply},
          {.name = "a vector on the left", .inputs = {{3}, {3, 2}}, .apply = apply},
          {.name = "no rows", .inputs = {{0, 3}, {3, 2}}, .apply = apply},
          {.name = "nothing to add up", .inputs = {{2, 0}, {0, 3}}, .apply = apply},
          {.name = "leading axes on the left", .inputs = {{2, 2, 3}, {3, 2}}, .apply = apply},
          {.name = "itself", .inputs = {{3, 3}}, .apply = [](std::span<const Tensor> x) {
             return matmul(x[0], x[0]);
           }}};
}

std::vector<OperationCase> right_cases() {
  const auto apply = [](std::span<const Tensor> x) { return matmul(x[0], x[1], {.right = true}); };
  return {{.name = "right transposed", .inputs = {{2, 3}, {4, 3}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 3}, {5, 3}}, .apply = apply},
          {.name = "both transposed",
           .inputs = {{3, 2}, {4, 3}},
           .apply = [](std::span<const Tensor> x) {
             return matmul(x[0], x[1], {.left = true, .right = true});
           }}};
}

std::vector<OperationCase> left_cases() {
  const auto apply = [](std::span<const Tensor> x) { return matmul(x[0], x[1], {.left = true}); };
  return {{.name = "left transposed", .inputs = {{3, 2}, {3, 4}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 2}, {1, 4}}, .apply = apply},
          {.name = "a weight used twice",
           .inputs = {{2, 3}, {3, 3}},
           .apply = [](std::span<const Tensor> x) { return matmul(matmul(x[0], x[1]), x[1]); }}};
}

}  // namespace

constinit const Operation matmul_operation{.name = "matmul",
                                           .form = Form::rows,
                                           .inputs = 2,
                                           .stacking = Stacking::rows,
                                           .tiling = Tiling::output_rows,
                                           .shared = 0b10,
                                           .shape = plain_shape,
                                           .cost = plain_cost,
                                           .kernel_float = plain_kernel<float>,
                                           .kernel_double = plain_kernel<double>,
                                           .gradient = plain_gradient,
                                           .cases = plain_cases};

constinit const Operation matmul_transposed_right_operation{.name = "matmul",
                                                            .form = Form::rows,
                                                            .inputs = 2,
                                                            .stacking = Stacking::rows,
                                                            .tiling = Tiling::output_rows,
                                                            .shared = 0b10,
                                                            .shape = right_shape,
                                                            .cost = plain_cost,
                                                            .kernel_float = right_kernel<float>,
                                                            .kernel_double = right_kernel<double>,
                                                            .gradient = right_gradient,
                                                            .cases = right_cases};

constinit const Operation matmul_transposed_left_operation{.name = "matmul",
                                                           .form = Form::rows,
                                                           .inputs = 2,
                                                           .stacking = Stacking::adds,
                                                           .tiling = Tiling::output_rows,
                                                           .shape = left_shape,
                                                           .cost = left_cost,
                                                           .kernel_float = left_kernel<float>,
                                                           .kernel_double = left_kernel<double>,
                                                           .gradient = left_gradient,
                                                           .cases = left_cases};

Tensor matmul(const Located& left, const Located& right, Transposed transposed) {
  if (!transposed.left && !transposed.right) {
    const Tensor* const inputs[] = {&left.tensor, &right.tensor};
    if (const Tensor known =
            left.tensor.tape().record_again(matmul_operation, inputs, 0, left.line))
      return known;
  }
  if (left.shape().rank() > 2 && right.shape().rank() > 2)
    return batched_matmul(left, right, transposed);
  if (transposed.left && transposed.right) return transpose(Located(plain(right, left), left.line));
  if (transposed.left) return with_left(left, right);
  return transposed.right ? with_right(left, right) : plain(left, right);
}

}  // namespace tapegrad
