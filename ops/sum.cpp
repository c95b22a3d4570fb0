// A sum over any axes is a sequence of sums over runs of neighbouring axes, each by the operation
// that suits its place: the last axes (a number a row), the leading ones (a row of sums, which
// merges with others into one), or axes in the middle.
#include <algorithm>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

// A mean is a sum with a factor, which is applied in double.
struct Attributes {
  double factor;
};

template <class T>
void last_kernel(const KernelContext& context) {
  const double factor = context.attributes<Attributes>().factor;
  for (Index r = context.begin; r < context.end; ++r)
    context.out<T>()[r] =
        static_cast<T>(rows::total(context.row<T>(0, r), context.inputs[0].columns) * factor);
}

template <class T>
void leading_kernel(const KernelContext& context) {
  sum_rows(
      context.inputs[0].rows, context.inputs[0].columns,
      [&](Index r) { return context.row<T>(0, r); }, context.out<T>(),
      context.attributes<Attributes>().factor);
}

// [outer, n, inner] → [outer, inner].
template <class T>
void axis_kernel(const KernelContext& context) {
  const Index n = context.shape(0)[1];
  const Index inner = context.shape(0)[2];
  for (Index o = 0; o < context.shape(0)[0]; ++o) {
    const T* first = context.in<T>(0) + o * n * inner;
    sum_rows(
        n, inner, [&](Index i) { return first + i * inner; }, context.out<T>() + o * inner,
        context.attributes<Attributes>().factor);
  }
}

// Gradients repeat along what was summed.
Tensor scaled(GradientContext& context) {
  const double factor = context.attributes<Attributes>().factor;
  return factor == 1.0 ? context.gradient() : context.gradient() * factor;
}
void last_gradient(GradientContext& context) {
  const Shape shape = context.input(0).shape();
  context.add(0, broadcast_to(reshape(scaled(context), shape.with(-1, 1)), shape));
}
void leading_gradient(GradientContext& context) {
  const Shape shape = context.input(0).shape();
  context.add(0, broadcast_to(scaled(context), shape));
}
void axis_gradient(GradientContext& context) {
  const Shape shape = context.input(0).shape();
  context.add(0, broadcast_to(reshape(scaled(context), shape.with(1, 1)), shape));
}

Tensor sum_run(const Located& x, int first, int last, double factor) {
  const Shape shape = x.shape();
  const Index outer = shape.product(0, first);
  const Index extent = shape.product(first, last);
  const Index inner = shape.product(last, shape.rank());
  const Attributes attributes{factor};
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  Extents kept(shape.extents().first(static_cast<std::size_t>(first)));
  kept.append(shape.extents().subspan(static_cast<std::size_t>(last)));
  if (last == shape.rank()) {
    Extents flat(kept);
    flat.append(extent);
    return record(sum_last_operation, at(reshape(x, flat.shape())), attributes);
  }
  if (first == 0) {
    const Tensor matrix = last == shape.rank() - 1 ? x.tensor : reshape(x, Shape{extent, inner});
    return reshape(at(record(sum_leading_operation, at(matrix), attributes)), kept.shape());
  }
  return reshape(
      at(record(sum_axis_operation, at(reshape(x, Shape{outer, extent, inner})), attributes)),
      kept.shape());
}

std::vector<OperationCase> last_cases() {
  return {{.name = "all",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0])); }},
          {.name = "last axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0], {-1})); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0], {1}, true)); }},
          {.name = "mean",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(mean(x[0], {1})); }},
          {.name = "variance",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return variance(x[0], {1}); }},
          {.name = "empty", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return sum(x[0]);
           }}};
}
std::vector<OperationCase> leading_cases() {
  return {{.name = "first axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0], {0})); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0], {0})); }},
          {.name = "two leading axes",
           .inputs = {{2, 2, 3}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(sum(x[0], {0, 1}));
               }},
          {.name = "no rows", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return square(sum(x[0], {0}));
           }}};
}
std::vector<OperationCase> axis_cases() {
  return {{.name = "middle axis",
           .inputs = {{2, 3, 2}},
           .apply = [](std::span<const Tensor> x) { return square(sum(x[0], {1})); }},
          {.name = "first and last",
           .inputs = {{2, 3, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(sum(x[0], {0, 2}));
               }},
          {.name = "extent of one", .inputs = {{2, 1, 2}}, .apply = [](std::span<const Tensor> x) {
             return square(sum(x[0], {1}, true));
           }}};
}

}  // namespace

constinit const Operation sum_last_operation{
    .name = "sum",
    .form = Form::rows,
    .inputs = 1,
    .stacking = Stacking::rows,
    .tiling = Tiling::input_rows,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0).without(-1), context.inputs[0]->dtype};
        },
    .kernel_float = last_kernel<float>,
    .kernel_double = last_kernel<double>,
    .gradient = last_gradient,
    .cases = last_cases};

constinit const Operation sum_leading_operation{
    .name = "sum",
    .form = Form::rows,
    .inputs = 1,
    .stacking = Stacking::adds,
    .shape =
        [](const ShapeContext& context) {
          return Type{{context.shape(0).columns()}, context.inputs[0]->dtype};
        },
    .kernel_float = leading_kernel<float>,
    .kernel_double = leading_kernel<double>,
    .gradient = leading_gradient,
    .cases = leading_cases};

constinit const Operation sum_axis_operation{
    .name = "sum",
    .form = Form::whole,
    .inputs = 1,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0).without(1), context.inputs[0]->dtype};
        },
    .kernel_float = axis_kernel<float>,
    .kernel_double = axis_kernel<double>,
    .gradient = axis_gradient,
    .cases = axis_cases};

Tensor scaled_sum(const char* operation, const Located& x, std::span<const int> axes,
                  bool keep_axes, double factor) {
  const CalledAs call(x.tensor.tape(), operation);
  const Shape shape = x.shape();
  const std::array<bool, Shape::max_rank> reduced = reduced_axes(operation, x, axes);
  Extents extents;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (!reduced[static_cast<std::size_t>(axis)])
      extents.append(shape[axis]);
    else if (keep_axes)
      extents.append(1);
  }
  Tensor result = x.tensor;
  if (shape.rank() == 0) return factor == 1.0 ? reshape(x, shape) : x * factor;
  // From the back, so that the numbers of the axes before stay right. The first sum takes the
  // factor.
  double rest = factor;
  for (int last = shape.rank(); last > 0;) {
    if (!reduced[static_cast<std::size_t>(last) - 1]) {
      --last;
      continue;
    }
    int first = last - 1;
    while (first > 0 && reduced[static_cast<std::size_t>(first) - 1]) --first;
    result = sum_run({result, x.line}, first, last, rest);
    rest = 1.0;
    last = first;
  }
  const Shape wanted = extents.shape();
  return result.shape() == wanted ? result : reshape({result, x.line}, wanted);
}

Tensor sum(const Located& x, std::span<const int> axes, bool keep_axes) {
  return scaled_sum("sum", x, axes, keep_axes, 1.0);
}

Tensor sum(const Located& x, std::initializer_list<int> axes, bool keep_axes) {
  return sum(x, std::span<const int>(axes.begin(), axes.size()), keep_axes);
}

}  // namespace tapegrad
