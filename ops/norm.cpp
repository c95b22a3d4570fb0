// The Euclidean norm of the last axis, without overflow or underflow of the squares. The norm over
// several axes is a norm of norms, and another axis is turned to be the last.
#include <cmath>
#include <limits>
#include <numeric>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

// √Σx². Where the sum of squares leaves the range in which it is exact, the row is scaled by its
// largest number first.
template <class T>
T root_of_squares(const T* row, Index count) {
  const double sum = sum_of<T>(count, [row](Index i) { return row[i] * row[i]; });
  // A square of less than half of the smallest normal number's exponent loses digits.
  constexpr double lowest = static_cast<double>(std::numeric_limits<T>::min()) /
                            static_cast<double>(std::numeric_limits<T>::epsilon());
  if (sum >= lowest && sum <= static_cast<double>(std::numeric_limits<T>::max()))
    return static_cast<T>(std::sqrt(sum));
  T top = 0;
  for (Index i = 0; i < count; ++i) {
    if (row[i] != row[i]) return row[i];
    top = std::max(top, std::abs(row[i]));
  }
  if (top == T{0} || std::isinf(top)) return top;
  const double scaled =
      sum_of<T>(count, [row, top](Index i) { return (row[i] / top) * (row[i] / top); });
  return static_cast<T>(static_cast<double>(top) * std::sqrt(scaled));
}

template <class T>
void kernel(const KernelContext& context) {
  for (Index r = context.begin; r < context.end; ++r)
    context.out<T>()[r] = root_of_squares(context.row<T>(0, r), context.inputs[0].columns);
}

// x/y, a direction; 0 where x is 0, and where the norm y is 0, which is the norm's gradient there
// by convention.
struct Direction {
  template <class T>
  static T apply(T x, T y) {
    return x == T{0} || y == T{0} ? T{0} : x / y;
  }
};

void direction_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor y = context.input(1);
  const Tensor along = elementwise(norm_direction_operation, outer, y);
  if (context.needs(0)) context.add(0, sum_to(along, context.input(0)));
  if (context.needs(1))
    context.add(1, sum_to(negate(doubly_guarded_product(along, context.output())), y));
}

void gradient_rule(GradientContext& context) {
  const Tensor x = context.input(0);
  const Shape column = x.shape().with(-1, 1);
  const Tensor direction =
      elementwise(norm_direction_operation, x, reshape(context.output(), column));
  context.add(0, guarded_product(reshape(context.gradient(), column), direction));
}

Type shape_rule(const ShapeContext& context) {
  return {context.shape(0).without(-1), context.inputs[0]->dtype};
}

Tensor of_last_axis(const Located& x) { return record(norm_operation, x); }

std::vector<OperationCase> check_cases() {
  const auto with = [](std::vector<int> axes, bool keep_axes) {
    return [=](std::span<const Tensor> x) { return square(norm(x[0], axes, keep_axes)); };
  };
  return {{.name = "all", .inputs = {{2, 3}}, .apply = with({}, false), .low = 0.5},
          {.name = "rows", .inputs = {{2, 3}}, .apply = with({-1}, false), .low = 0.5},
          {.name = "one row", .inputs = {{1, 3}}, .apply = with({-1}, true), .low = 0.5},
          {.name = "first axis", .inputs = {{2, 3}}, .apply = with({0}, true), .low = 0.5},
          {.name = "outer axes", .inputs = {{2, 3, 2}}, .apply = with({0, 2}, false), .low = 0.5},
          {.name = "middle axis", .inputs = {{2, 3, 2}}, .apply = with({1}, false), .low = 0.5},
          {.name = "empty", .inputs = {{0, 3}}, .apply = with({-1}, false)}};
}

}  // namespace

constinit const Operation norm_operation{.name = "norm",
                                         .form = Form::rows,
                                         .inputs = 1,
                                         .stacking = Stacking::rows,
                                         .tiling = Tiling::input_rows,
                                         .work = 2.0F,
                                         .shape = shape_rule,
                                         .kernel_float = kernel<float>,
                                         .kernel_double = kernel<double>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation norm_direction_operation{
    .name = "norm gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<Direction, float, 2>,
    .elementwise_double = elementwise_kernel<Direction, double, 2>,
    .gradient = direction_rule};

Tensor norm(const Located& x, std::span<const int> axes, bool keep_axes) {
  const CalledAs call(x.tensor.tape(), "norm");
  const Shape shape = x.shape();
  const std::array<bool, Shape::max_rank> reduced = reduced_axes("norm", x, axes);
  // The axes that stay come first, in their order; the others become one last axis.
  std::vector<int> order;
  Extents stay, kept;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool goes = reduced[static_cast<std::size_t>(axis)];
    if (!goes) {
      order.push_back(axis);
      stay.append(shape[axis]);
    }
    if (!goes || keep_axes) kept.append(goes ? 1 : shape[axis]);
  }
  Index count = 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (!reduced[static_cast<std::size_t>(axis)]) continue;
    order.push_back(axis);
    count *= shape[axis];
  }
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor turned = std::ranges::is_sorted(order) ? x.tensor : transpose(x, order);
  Extents matrix = stay;
  matrix.append(count);
  const Tensor result = of_last_axis(at(reshape(at(turned), matrix.shape())));
  return keep_axes ? reshape(at(result), kept.shape()) : result;
}

Tensor norm(const Located& x, std::initializer_list<int> axes, bool keep_axes) {
  return norm(x, std::span<const int>(axes.begin(), axes.size()), keep_axes);
}

}  // namespace tapegrad
