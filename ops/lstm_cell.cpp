// One step of an LSTM from its gates' sums; the composite is composite_step() below.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

Tensor composite_step(std::span<const Tensor> inputs) {
  const std::vector<Tensor> gates = split(inputs[0], 4);
  const Tensor cell = sigmoid(gates[1]) * inputs[1] + sigmoid(gates[0]) * tanh(gates[2]);
  return concatenate({sigmoid(gates[3]) * tanh(cell), cell}, -1);
}

// A row. Pointers that are arguments of a call tell the compiler that stores overlap nothing, so
// that the loop vectorises.
template <class T>
[[gnu::noinline]] void step_row(Index width, const T* gates, const T* before, T* __restrict hidden,
                                T* __restrict cell) {
  for (Index j = 0; j < width; ++j) {
    const T input = vector_math::sigmoid(gates[j]);
    const T forget = vector_math::sigmoid(gates[width + j]);
    const T candidate = vector_math::tanh(gates[2 * width + j]);
    const T output = vector_math::sigmoid(gates[3 * width + j]);
    const T next = forget * before[j] + input * candidate;
    cell[j] = next;
    hidden[j] = output * vector_math::tanh(next);
  }
}

template <class T>
void cell_kernel(const KernelContext& context) {
  const Index width = context.inputs[1].columns;
  for (Index r = context.begin; r < context.end; ++r) {
    T* out = context.out<T>() + r * context.output.pitch;
    step_row(width, context.row<T>(0, r), context.row<T>(1, r), out, out + width);
  }
}

// Gradients of a row's gates and of the cell before, from those of the hidden state and of the cell
// behind it.
template <class T>
[[gnu::noinline]] void gradient_row(Index width, const T* __restrict gates,
                                    const T* __restrict before, const T* __restrict to_hidden,
                                    const T* __restrict to_cell, T* __restrict to_input,
                                    T* __restrict to_forget, T* __restrict to_candidate,
                                    T* __restrict to_output, T* __restrict to_before) {
  for (Index j = 0; j < width; ++j) {
    const T input = vector_math::sigmoid(gates[j]);
    const T forget = vector_math::sigmoid(gates[width + j]);
    const T candidate = vector_math::tanh(gates[2 * width + j]);
    const T output = vector_math::sigmoid(gates[3 * width + j]);
    const T squashed = vector_math::tanh(forget * before[j] + input * candidate);
    const T through = to_cell[j] + guarded(to_hidden[j], output * (T{1} - squashed * squashed));
    to_input[j] = guarded(through, candidate * input * (T{1} - input));
    to_forget[j] = guarded(through, before[j] * forget * (T{1} - forget));
    to_candidate[j] = guarded(through, input * (T{1} - candidate * candidate));
    to_output[j] = guarded(to_hidden[j], squashed * output * (T{1} - output));
    to_before[j] = guarded(through, forget);
  }
}

// To the gates and to the cell before, side by side.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const Index width = context.inputs[1].columns;
  for (Index r = context.begin; r < context.end; ++r) {
    const T* gradient = context.row<T>(2, r);
    T* out = context.out<T>() + r * context.output.pitch;
    gradient_row(width, context.row<T>(0, r), context.row<T>(1, r), gradient, gradient + width, out,
                 out + width, out + 2 * width, out + 3 * width, out + 4 * width);
  }
}

Type shape_rule(const ShapeContext& context) {
  const Shape& gates = context.shape(0);
  const Shape& cell = context.shape(1);
  if (cell.rank() != 2 || gates.rank() != 2 || gates[0] != cell[0] || gates[1] != 4 * cell[1])
    throw ShapeError(fmt::format("needs gates [batch, 4·hidden] and a cell [batch, hidden], got {}",
                                 shapes_of(context)));
  return {cell.with(1, 2 * cell[1]), context.inputs[0]->dtype};
}

Tensor lstm_cell_gradient(const Located& gates, const Located& cell, const Located& gradient) {
  return record(lstm_cell_gradient_operation, gates, cell, gradient);
}

void gradient_rule(GradientContext& context) {
  const Index width = context.input(1).shape()[1];
  const Tensor all = lstm_cell_gradient(context.input(0), context.input(1), context.gradient());
  if (context.needs(0)) context.add(0, slice(all, 1, 0, 4 * width));
  if (context.needs(1)) context.add(1, slice(all, 1, 4 * width, 5 * width));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) {
    const LstmState state = lstm_cell(x[0], x[1]);
    return square(state.hidden) + state.cell * state.hidden;
  };
  return {{.name = "batch", .inputs = {{3, 8}, {3, 2}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 12}, {1, 3}}, .apply = apply},
          {.name = "wide", .inputs = {{1, 36}, {1, 9}}, .apply = apply},
          {.name = "two steps",
           .inputs = {{2, 8}, {2, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 const LstmState first = lstm_cell(x[0], x[1]);
                 return lstm_cell(
                            x[0] + concatenate(
                                       {first.hidden, first.hidden, first.cell, first.hidden}, 1),
                            first.cell)
                     .hidden;
               }},
          {.name = "nobody", .inputs = {{0, 8}, {0, 2}}, .apply = apply}};
}

}  // namespace

constinit const Operation lstm_cell_operation{.name = "lstm_cell",
                                              .form = Form::rows,
                                              .inputs = 2,
                                              .stacking = Stacking::rows,
                                              .tiling = Tiling::output_rows,
                                              .work = 20.0F,
                                              .shape = shape_rule,
                                              .kernel_float = cell_kernel<float>,
                                              .kernel_double = cell_kernel<double>,
                                              .gradient = gradient_rule,
                                              .cases = check_cases};

constinit const Operation lstm_cell_gradient_operation{
    .name = "lstm_cell gradient",
    .form = Form::rows,
    .inputs = 3,
    .stacking = Stacking::rows,
    .tiling = Tiling::output_rows,
    .work = 20.0F,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0).with(1, 5 * context.shape(1)[1]), context.inputs[0]->dtype};
        },
    .kernel_float = gradient_kernel<float>,
    .kernel_double = gradient_kernel<double>,
    .gradient = [](GradientContext& context) { add_composite_gradient(context, composite_step); }};

LstmState lstm_cell(const Located& gates, const Located& cell) {
  const Tensor both = record(lstm_cell_operation, gates, cell);
  const Index width = cell.shape().columns();
  const Located at(both, gates.line);
  return {slice(at, 1, 0, width), slice(at, 1, width, 2 * width)};
}

}  // namespace tapegrad
