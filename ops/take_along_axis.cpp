#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct PutAttributes {
  Index axis, extent;
};

Type take_shape(const ShapeContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  const bool fits = context.inputs[1]->dtype == Dtype::int64 &&
                    context.shape(0).rank() == context.shape(1).rank() &&
                    context.shape(1).with(axis, context.shape(0)[axis]) == context.shape(0);
  if (!fits) {
    throw ShapeError(fmt::format(
        "places must be int64 and have the input's shape except along axis {}; input {}, places {}",
        axis, context.shape(0).to_string(), context.shape(1).to_string()));
  }
  return {context.shape(1), context.inputs[0]->dtype};
}

Type put_shape(const ShapeContext& context) {
  const auto& [axis, extent] = context.attributes<PutAttributes>();
  if (context.shape(0) != context.shape(1) || context.inputs[0]->dtype != Dtype::int64) {
    throw ShapeError(
        fmt::format("places must be int64 and have the values' shape; places {}, values {}",
                    context.shape(0).to_string(), context.shape(1).to_string()));
  }
  return {context.shape(1).with(static_cast<int>(axis), extent), context.inputs[1]->dtype};
}

Index checked(Index place, Index extent) {
  if (place < 0 || place >= extent)
    throw ValueError(fmt::format("place {} is outside of an axis of {}", place, extent));
  return place;
}

// Calls `body` with the flat numbers of a place and of the element that it names.
template <class Body>
void for_places(const Shape& places_shape, const Index* places, int axis, Index extent,
                const Body& body) {
  const AxisView view(places_shape, axis);
  for (Index o = 0; o < view.outer; ++o) {
    for (Index i = 0; i < view.extent; ++i) {
      for (Index c = 0; c < view.inner; ++c) {
        const Index at = (o * view.extent + i) * view.inner + c;
        body(at, (o * extent + checked(places[at], extent)) * view.inner + c);
      }
    }
  }
}

template <class T>
void take_kernel(const KernelContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  for_places(context.shape(1), context.in<Index>(1), axis, context.shape(0)[axis],
             [&](Index at, Index element) { context.out<T>()[at] = context.in<T>(0)[element]; });
}

template <class T>
void put_kernel(const KernelContext& context) {
  const auto& [axis, extent] = context.attributes<PutAttributes>();
  // In double, as any number of values may be put at one place.
  const Index size = context.output.size();
  Scratch<double> memory(size);
  double* sums = memory.data();
  std::fill_n(sums, size, 0.0);
  for_places(
      context.shape(0), context.in<Index>(0), static_cast<int>(axis), extent,
      [&](Index at, Index element) { sums[element] += static_cast<double>(context.in<T>(1)[at]); });
  for (Index i = 0; i < size; ++i) context.out<T>()[i] = static_cast<T>(sums[i]);
}

Tensor places_of(const Tensor& x, const std::vector<Index>& places, const Shape& shape) {
  return x.tape().ids(places, shape);
}

std::vector<OperationCase> take_cases() {
  return {{.name = "columns",
           .inputs = {{2, 3}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(take_along_axis(x[0], places_of(x[0], {0, 2, 1, 1}, {2, 2}), 1));
               }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(take_along_axis(x[0], places_of(x[0], {2}, {1, 1}), -1));
               }},
          {.name = "rows", .inputs = {{3, 2}}, .apply = [](std::span<const Tensor> x) {
             return square(take_along_axis(x[0], places_of(x[0], {2, 0}, {1, 2}), 0));
           }}};
}

std::vector<OperationCase> put_cases() {
  return {{.name = "columns", .inputs = {{2, 2}}, .apply = [](std::span<const Tensor> x) {
             return square(put_along_axis(places_of(x[0], {0, 2, 1, 1}, {2, 2}), x[0], 1, 3));
           }}};
}

}  // namespace

constinit const Operation take_along_axis_operation{
    .name = "take_along_axis",
    .form = Form::whole,
    .inputs = 2,
    .shape = take_shape,
    .kernel_float = take_kernel<float>,
    .kernel_double = take_kernel<double>,
    .gradient =
        [](GradientContext& context) {
          if (!context.needs(0)) return;
          const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
          context.add(0, put_along_axis(context.input(1), context.gradient(), axis,
                                        context.input(0).shape()[axis]));
        },
    .cases = take_cases};

constinit const Operation put_along_axis_operation{
    .name = "put_along_axis",
    .form = Form::whole,
    .inputs = 2,
    .shape = put_shape,
    .kernel_float = put_kernel<float>,
    .kernel_double = put_kernel<double>,
    .gradient =
        [](GradientContext& context) {
          const int axis = static_cast<int>(context.attributes<PutAttributes>().axis);
          if (context.needs(1))
            context.add(1, take_along_axis(context.gradient(), context.input(0), axis));
        },
    .cases = put_cases};

Tensor take_along_axis(const Located& x, const Located& places, int axis) {
  return record(take_along_axis_operation, x, places,
                AxisAttributes{axis < 0 ? axis + x.shape().rank() : axis});
}

Tensor put_along_axis(const Located& places, const Located& values, int axis, Index extent) {
  return record(put_along_axis_operation, places, values,
                PutAttributes{axis < 0 ? axis + values.shape().rank() : axis, extent});
}

}  // namespace tapegrad
