// Operations as a user writes them.
#pragma once

#include "graph_test_tools.h"

#include <tapegrad/graph/elementwise.h>
#include <tapegrad/graph/gradient_context.h>

namespace graph_test {

struct Cube {
  template <class T>
  static T apply(T x) {
    return x * x * x;
  }
};

// x³, elementwise, with a gradient made of public operations.
inline const tg::Operation cube_operation{
    .name = "cube",
    .form = tg::Form::elementwise,
    .inputs = 1,
    .elementwise_float = tg::elementwise_kernel<Cube, float, 1>,
    .elementwise_double = tg::elementwise_kernel<Cube, double, 1>,
    .gradient = [](tg::GradientContext& context) {
      context.add(0, context.gradient() * 3.0 * tg::square(context.input(0)));
    }};
inline tg::Tensor cube(const tg::Located& x) { return tg::record(cube_operation, x); }

// The same with a rule that is wrong for negative x.
inline const tg::Operation wrong_cube_operation{
    .name = "wrong cube",
    .form = tg::Form::elementwise,
    .inputs = 1,
    .elementwise_float = tg::elementwise_kernel<Cube, float, 1>,
    .elementwise_double = tg::elementwise_kernel<Cube, double, 1>,
    .gradient = [](tg::GradientContext& context) {
      const tg::Tensor x = context.input(0);
      context.add(0, context.gradient() * 3.0 * x * tg::abs(x));
    }};
inline tg::Tensor wrong_cube(const tg::Located& x) { return tg::record(wrong_cube_operation, x); }

// x³ without a gradient.
inline const tg::Operation blunt_cube_operation{
    .name = "blunt cube",
    .form = tg::Form::elementwise,
    .inputs = 1,
    .elementwise_float = tg::elementwise_kernel<Cube, float, 1>,
    .elementwise_double = tg::elementwise_kernel<Cube, double, 1>};
inline tg::Tensor blunt_cube(const tg::Located& x) { return tg::record(blunt_cube_operation, x); }

struct RollAttributes {
  tg::Index by;
};

// [n] → [n], element i to place (i + by) mod n: a whole operation with an attribute.
tg::Tensor roll(const tg::Located& x, tg::Index by);

template <class T>
void roll_kernel(const tg::KernelContext& context) {
  const tg::Index n = context.shape(0).size();
  for (tg::Index i = 0; i < n; ++i)
    context.out<T>()[(i + context.attributes<RollAttributes>().by) % n] = context.in<T>(0)[i];
}

inline const tg::Operation roll_operation{
    .name = "roll",
    .form = tg::Form::whole,
    .inputs = 1,
    .shape =
        [](const tg::ShapeContext& context) {
          if (context.shape(0).rank() != 1)
            throw tg::ShapeError("needs a vector, got " + context.shape(0).to_string());
          return *context.inputs[0];
        },
    .kernel_float = roll_kernel<float>,
    .kernel_double = roll_kernel<double>,
    .gradient =
        [](tg::GradientContext& context) {
          const tg::Index n = context.input(0).shape().size();
          context.add(
              0, roll(context.gradient(), (n - context.attributes<RollAttributes>().by % n) % n));
        }};
inline tg::Tensor roll(const tg::Located& x, tg::Index by) {
  return tg::record(roll_operation, x, RollAttributes{by});
}

}  // namespace graph_test
