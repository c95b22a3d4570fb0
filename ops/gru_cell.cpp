// One step of a GRU from its gates' sums of both sides; the composite is composite_step() below.
#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

Tensor composite_step(std::span<const Tensor> inputs) {
  const std::vector<Tensor> x = split(inputs[0], 3), h = split(inputs[1], 3);
  const Tensor update = sigmoid(x[1] + h[1]);
  const Tensor candidate = tanh(x[2] + sigmoid(x[0] + h[0]) * h[2]);
  return candidate + update * (inputs[2] - candidate);
}

// A row. Pointers that are arguments of a call tell the compiler that stores overlap nothing, so
// that the loop vectorises.
template <class T>
[[gnu::noinline]] void step_row(Index width, const T* x, const T* h, const T* before,
                                T* __restrict hidden) {
  for (Index j = 0; j < width; ++j) {
    const T reset = vector_math::sigmoid(x[j] + h[j]);
    const T update = vector_math::sigmoid(x[width + j] + h[width + j]);
    const T candidate = vector_math::tanh(x[2 * width + j] + reset * h[2 * width + j]);
    hidden[j] = candidate + update * (before[j] - candidate);
  }
}

template <class T>
void cell_kernel(const KernelContext& context) {
  for (Index r = context.begin; r < context.end; ++r) {
    step_row(context.inputs[2].columns, context.row<T>(0, r), context.row<T>(1, r),
             context.row<T>(2, r), context.out<T>() + r * context.output.pitch);
  }
}

// Gradients of a row: [reset, update] of the sums are the same for both sides, and are copied
// afterwards.
template <class T>
[[gnu::noinline]] void gradient_row(Index width, const T* __restrict x, const T* __restrict h,
                                    const T* __restrict before, const T* __restrict g,
                                    T* __restrict to_reset, T* __restrict to_update,
                                    T* __restrict to_candidate, T* __restrict to_product,
                                    T* __restrict to_hidden) {
  for (Index j = 0; j < width; ++j) {
    const T reset = vector_math::sigmoid(x[j] + h[j]);
    const T update = vector_math::sigmoid(x[width + j] + h[width + j]);
    const T candidate = vector_math::tanh(x[2 * width + j] + reset * h[2 * width + j]);
    const T inside = guarded(g[j], (T{1} - update) * (T{1} - candidate * candidate));
    to_reset[j] = guarded(inside, h[2 * width + j] * reset * (T{1} - reset));
    to_update[j] = guarded(g[j], (before[j] - candidate) * update * (T{1} - update));
    to_candidate[j] = inside;
    to_product[j] = guarded(inside, reset);
    to_hidden[j] = guarded(g[j], update);
  }
}

// To the inputs' sums, the hidden state's sums and the hidden state, side by side.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index width = context.inputs[2].columns;
  for (Index r = context.begin; r < context.end; ++r) {
    T* to_x = context.out<T>() + r * context.output.pitch;
    T* to_h = to_x + 3 * width;
    gradient_row(width, context.row<T>(0, r), context.row<T>(1, r), context.row<T>(2, r),
                 context.row<T>(3, r), to_x, to_x + width, to_x + 2 * width, to_h + 2 * width,
                 to_h + 3 * width);
    std::copy_n(to_x, 2 * width, to_h);
  }
}

Type shape_rule(const ShapeContext& context) {
  const Shape& hidden = context.shape(2);
  const bool valid = hidden.rank() == 2 && context.shape(0) == hidden.with(1, 3 * hidden[1]) &&
                     context.shape(1) == context.shape(0);
  if (!valid) {
    throw ShapeError(fmt::format(
        "needs sums [batch, 3·hidden] of the inputs and of the hidden state, and a hidden state "
        "[batch, hidden], got {}",
        shapes_of(context)));
  }
  return {hidden, context.inputs[0]->dtype};
}

void gradient_rule(GradientContext& context) {
  const Index width = context.input(2).shape()[1];
  const Tensor inputs[] = {context.input(0), context.input(1), context.input(2),
                           context.gradient()};
  const Tensor all = record(gru_cell_gradient_operation, inputs, {}, SourceLine::here());
  if (context.needs(0)) context.add(0, slice(all, 1, 0, 3 * width));
  if (context.needs(1)) context.add(1, slice(all, 1, 3 * width, 6 * width));
  if (context.needs(2)) context.add(2, slice(all, 1, 6 * width, 7 * width));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return square(gru_cell(x[0], x[1], x[2])); };
  return {{.name = "batch", .inputs = {{3, 6}, {3, 6}, {3, 2}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 9}, {1, 9}, {1, 3}}, .apply = apply},
          {.name = "two steps",
           .inputs = {{2, 6}, {2, 6}, {2, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return gru_cell(x[0], x[1], gru_cell(x[0], x[1], x[2]));
               }},
          {.name = "nobody", .inputs = {{0, 6}, {0, 6}, {0, 2}}, .apply = apply}};
}

}  // namespace

constinit const Operation gru_cell_operation{.name = "gru_cell",
                                             .form = Form::rows,
                                             .inputs = 3,
                                             .stacking = Stacking::rows,
                                             .tiling = Tiling::output_rows,
                                             .work = 30.0F,
                                             .shape = shape_rule,
                                             .kernel_float = cell_kernel<float>,
                                             .kernel_double = cell_kernel<double>,
                                             .gradient = gradient_rule,
                                             .cases = check_cases};

constinit const Operation gru_cell_gradient_operation{
    .name = "gru_cell gradient",
    .form = Form::rows,
    .inputs = 4,
    .stacking = Stacking::rows,
    .tiling = Tiling::output_rows,
    .work = 10.0F,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(2).with(1, 7 * context.shape(2)[1]), context.inputs[0]->dtype};
        },
    .kernel_float = gradient_kernel<float>,
    .kernel_double = gradient_kernel<double>,
    .gradient = [](GradientContext& context) { add_composite_gradient(context, composite_step); }};

Tensor gru_cell(const Located& input_sums, const Located& hidden_sums, const Located& hidden) {
  return record(gru_cell_operation, input_sums, hidden_sums, hidden);
}

}  // namespace tapegrad
