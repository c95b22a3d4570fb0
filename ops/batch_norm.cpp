// Normalisation of channels over a batch. The batch's moments, the gradients of weight and bias,
// and the two ways through are operations of their own, so that nothing is summed twice.
#include <algorithm>
#include <cmath>
#include <vector>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  double epsilon;
  // Whether the moments are those of the batch itself, and so depend on x; else they are constants.
  Index of_batch;
};

// Columns of the moments, [channels, 3]. Numbers that are close to each other and far from 0 keep
// their differences: x becomes (x - shift) - mean.
enum Moment : Index { shift_moment, mean_moment, variance_moment, moment_count };
// Columns of the gradients of weight and bias, [channels, 2].
enum Sum : Index { along_sum, gradient_sum, sum_count };

// Of x [batch, channels, ...]: the places of one channel of one example are a plane.
struct Planes {
  Index batch, channels, size;
  explicit Planes(const Shape& shape)
      : batch(shape[0]), channels(shape[1]), size(shape.product(2, shape.rank())) {}
  Index first(Index example, Index channel) const { return (example * channels + channel) * size; }
  Index of_channel() const { return batch * size; }

  // Σ f(element) over a channel, plane by plane.
  template <class T, class Function>
  double sum(Index channel, const Function& f) const {
    if (size == 1) return sum_of<T>(batch, [&](Index n) { return f(n * channels + channel); });
    double total = 0.0;
    for (Index n = 0; n < batch; ++n) {
      const Index from = first(n, channel);
      total += sum_of<T>(size, [&f, from](Index i) { return f(from + i); });
    }
    return total;
  }

  // Calls action(channel, first element) for the planes of the examples in a part of a split.
  template <class Action>
  void for_each(const KernelContext& context, const Action& action) const {
    const Index rows = batch == 0 ? 0 : context.output.rows / batch;
    const ItemRange examples(context, rows, batch);
    for (Index n = examples.begin; n < examples.end; ++n) {
      for (Index c = 0; c < channels; ++c) action(c, first(n, c));
    }
  }
};

// What a channel's x becomes: ((x - shift) - mean)·scale.
template <class T>
struct Normaliser {
  T shift, mean, scale;
  Normaliser(const T* moments, double epsilon)
      : shift(moments[shift_moment]),
        mean(moments[mean_moment]),
        scale(static_cast<T>(1.0 /
                             std::sqrt(static_cast<double>(moments[variance_moment]) + epsilon))) {}
  T operator()(T x) const { return ((x - shift) - mean) * scale; }
};

template <class T>
void moments_kernel(const KernelContext& context) {
  const Planes planes(context.shape(0));
  const T* x = context.in<T>(0);
  const double share = 1.0 / static_cast<double>(planes.of_channel());
  for (Index c = context.begin; c < context.end; ++c) {
    T* to = context.out<T>() + c * moment_count;
    const T shift = planes.of_channel() == 0 ? T{0} : x[planes.first(0, c)];
    const T mean =
        static_cast<T>(planes.sum<T>(c, [x, shift](Index i) { return x[i] - shift; }) * share);
    const double squares = planes.sum<T>(c, [x, shift, mean](Index i) {
      const T deviation = (x[i] - shift) - mean;
      return deviation * deviation;
    });
    to[shift_moment] = shift;
    to[mean_moment] = mean;
    to[variance_moment] = static_cast<T>(squares * share);
  }
}

template <class T>
void norm_kernel(const KernelContext& context) {
  const Planes planes(context.shape(0));
  planes.for_each(context, [&](Index c, Index from) {
    const Normaliser<T> normalised(context.in<T>(3) + c * moment_count,
                                   context.attributes<Attributes>().epsilon);
    const T weight = context.in<T>(1)[c], bias = context.in<T>(2)[c];
    const T* x = context.in<T>(0) + from;
    T* __restrict out = context.out<T>() + from;
    for (Index i = 0; i < planes.size; ++i) out[i] = normalised(x[i]) * weight + bias;
  });
}

// A channel without a gradient did not count, whatever its numbers are.
template <class T>
bool has_gradient(const Planes& planes, const T* g, Index channel) {
  for (Index n = 0; n < planes.batch; ++n) {
    const T* from = g + planes.first(n, channel);
    if (std::any_of(from, from + planes.size, [](T value) { return value != T{0}; })) return true;
  }
  return false;
}

// From x, the output's gradient and the moments.
template <class T>
void sums_kernel(const KernelContext& context) {
  const Planes planes(context.shape(0));
  const T* x = context.in<T>(0);
  const T* g = context.in<T>(1);
  for (Index c = context.begin; c < context.end; ++c) {
    const Normaliser<T> normalised(context.in<T>(2) + c * moment_count,
                                   context.attributes<Attributes>().epsilon);
    T* to = context.out<T>() + c * sum_count;
    to[along_sum] = to[gradient_sum] = T{0};
    if (!has_gradient(planes, g, c)) continue;
    to[along_sum] = static_cast<T>(
        planes.sum<T>(c, [x, g, normalised](Index i) { return g[i] * normalised(x[i]); }));
    to[gradient_sum] = static_cast<T>(planes.sum<T>(c, [g](Index i) { return g[i]; }));
  }
}

// To x, from x, weight, the output's gradient, the moments and the sums above:
//   weight·scale·(g - mean(g) - y·mean(g·y)),   y the normalised x
template <class T>
void input_kernel(const KernelContext& context) {
  const Planes planes(context.shape(0));
  const T* g = context.in<T>(2);
  const double share = 1.0 / static_cast<double>(planes.of_channel());
  Scratch<T> memory(planes.channels);
  T* counts = memory.data();
  for (Index c = 0; c < planes.channels; ++c) {
    const T* sums = context.in<T>(4) + c * sum_count;
    const bool sums_tell = sums[along_sum] != T{0} || sums[gradient_sum] != T{0};
    counts[c] = sums_tell || has_gradient(planes, g, c) ? T{1} : T{0};
  }
  planes.for_each(context, [&](Index c, Index from) {
    T* __restrict out = context.out<T>() + from;
    if (counts[c] == T{0}) {
      std::fill_n(out, planes.size, T{0});
      return;
    }
    const Normaliser<T> normalised(context.in<T>(3) + c * moment_count,
                                   context.attributes<Attributes>().epsilon);
    const T* sums = context.in<T>(4) + c * sum_count;
    const T mean_g = static_cast<T>(static_cast<double>(sums[gradient_sum]) * share);
    const T along = static_cast<T>(static_cast<double>(sums[along_sum]) * share);
    const T factor = normalised.scale * context.in<T>(1)[c];
    const T* x = context.in<T>(0) + from;
    const T* own = g + from;
    for (Index i = 0; i < planes.size; ++i)
      out[i] = factor * (own[i] - mean_g - normalised(x[i]) * along);
  });
}

double cost_of(const ShapeContext& context, double passes) {
  return 50.0 + passes * 0.3 * static_cast<double>(context.shape(0).size());
}

// All axes of x but the channels'.
std::vector<int> other_axes(const Tensor& x) {
  std::vector<int> axes = {0};
  for (int axis = 2; axis < x.shape().rank(); ++axis) axes.push_back(axis);
  return axes;
}

// Numbers of channels, to broadcast against x.
Tensor spread(const Tensor& channels, const Tensor& x) {
  Extents extents;
  extents.append(channels.shape().size());
  for (int axis = 2; axis < x.shape().rank(); ++axis) extents.append(1);
  return reshape(channels, extents.shape());
}

// The normalised x in public operations.
Tensor normalised_as_composite(const Tensor& x, double epsilon) {
  const std::vector<int> axes = other_axes(x);
  const Tensor centred = x - mean(x, axes, true);
  return centred * rsqrt(mean(square(centred), axes, true) + epsilon);
}

Tensor column(const Tensor& x, Index number) {
  return reshape(slice(x, 1, number, number + 1), {x.shape()[0]});
}

void norm_rule(GradientContext& context) {
  const auto attributes = context.attributes<Attributes>();
  if (attributes.of_batch == 0) {
    add_gradients_of(context, 4, [&](std::span<const Tensor> in) {
      const Tensor& x = in[0];
      const auto moment = [&](Index number) { return spread(column(in[3], number), x); };
      const Tensor deviation = (x - moment(shift_moment)) - moment(mean_moment);
      return deviation * rsqrt(moment(variance_moment) + attributes.epsilon) * spread(in[1], x) +
             spread(in[2], x);
    });
    return;
  }
  const Tensor x = context.input(0), moments = context.input(3), g = context.gradient();
  const Tensor for_sums[] = {x, g, moments};
  const Tensor sums = record(batch_norm_sums_operation, for_sums, bytes_of(attributes), {});
  if (context.needs(0)) {
    const Tensor inputs[] = {x, context.input(1), g, moments, sums};
    context.add(0, record(batch_norm_input_gradient_operation, inputs, bytes_of(attributes), {}));
  }
  if (context.needs(1)) context.add(1, column(sums, along_sum));
  if (context.needs(2)) context.add(2, column(sums, gradient_sum));
}

// The moments depend on x, and the sums on x and the gradient: their part is in these.
void sums_rule(GradientContext& context) {
  const double epsilon = context.attributes<Attributes>().epsilon;
  add_gradients_of(context, 2, [&](std::span<const Tensor> in) {
    const std::vector<int> axes = other_axes(in[0]);
    const Index channels = in[0].shape()[1];
    const Tensor columns[] = {
        reshape(sum(in[1] * normalised_as_composite(in[0], epsilon), axes), {channels, 1}),
        reshape(sum(in[1], axes), {channels, 1})};
    return concatenate(columns, 1);
  });
}

void input_rule(GradientContext& context) {
  const double epsilon = context.attributes<Attributes>().epsilon;
  add_gradients_of(context, 3, [&](std::span<const Tensor> in) {
    const Tensor y = normalised_as_composite(in[0], epsilon) * spread(in[1], in[0]);
    return vector_jacobian_product(y, in[2], in.first(1)).front();
  });
}

Type per_channel(const ShapeContext& context, Index columns) {
  return {{context.shape(0)[1], columns}, context.inputs[0]->dtype};
}

// Throws ShapeError unless x has two axes or more.
void check_axes(const ShapeContext& context) {
  if (context.shape(0).rank() < 2)
    throw ShapeError(fmt::format("needs [batch, channels, ...], got {}", shapes_of(context)));
}

Type norm_shape(const ShapeContext& context) {
  check_axes(context);
  const Index channels = context.shape(0)[1];
  const Shape one = {channels}, all = {channels, moment_count};
  if (!(context.shape(1) == one && context.shape(2) == one && context.shape(3) == all))
    throw ShapeError(
        fmt::format("needs [batch, channels, ...], and weight and bias [channels], got {}",
                    shapes_of(context)));
  return *context.inputs[0];
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) {
    return square(batch_norm(x[0], batch_moments(x[0]), x[1], x[2])) * x[0];
  };
  const auto fixed = [](std::span<const Tensor> x) {
    return square(fixed_batch_norm(x[0], x[1], square(x[2]) + 0.5, x[3], x[4]));
  };
  return {{.name = "rows", .inputs = {{4, 3}, {3}, {3}}, .apply = apply},
          {.name = "lines", .inputs = {{2, 2, 3}, {2}, {2}}, .apply = apply},
          {.name = "images", .inputs = {{3, 2, 2, 2}, {2}, {2}}, .apply = apply},
          {.name = "one channel", .inputs = {{3, 1, 1, 2}, {1}, {1}}, .apply = apply},
          {.name = "no channels", .inputs = {{2, 0, 3}, {0}, {0}}, .apply = apply},
          {.name = "fixed moments", .inputs = {{2, 3, 2}, {3}, {3}, {3}, {3}}, .apply = fixed}};
}

}  // namespace

constinit const Operation batch_moments_operation{
    .name = "batch_moments",
    .form = Form::whole,
    .inputs = 1,
    .tiling = Tiling::output_rows,
    .shape =
        [](const ShapeContext& context) {
          check_axes(context);
          return per_channel(context, moment_count);
        },
    .cost = [](const ShapeContext& context, const Type&) { return cost_of(context, 2.0); },
    .kernel_float = moments_kernel<float>,
    .kernel_double = moments_kernel<double>,
    .constant = true};

constinit const Operation batch_norm_operation{
    .name = "batch_norm",
    .form = Form::whole,
    .inputs = 4,
    .tiling = Tiling::output_rows,
    .shape = norm_shape,
    .cost = [](const ShapeContext& context, const Type&) { return cost_of(context, 1.0); },
    .kernel_float = norm_kernel<float>,
    .kernel_double = norm_kernel<double>,
    .gradient = norm_rule,
    .cases = check_cases};

constinit const Operation batch_norm_sums_operation{
    .name = "batch_norm sums",
    .form = Form::whole,
    .inputs = 3,
    .tiling = Tiling::output_rows,
    .shape = [](const ShapeContext& context) { return per_channel(context, sum_count); },
    .cost = [](const ShapeContext& context, const Type&) { return cost_of(context, 2.0); },
    .kernel_float = sums_kernel<float>,
    .kernel_double = sums_kernel<double>,
    .gradient = sums_rule};

constinit const Operation batch_norm_input_gradient_operation{
    .name = "batch_norm gradient",
    .form = Form::whole,
    .inputs = 5,
    .tiling = Tiling::output_rows,
    .shape = like_first,
    .cost = [](const ShapeContext& context, const Type&) { return cost_of(context, 1.0); },
    .kernel_float = input_kernel<float>,
    .kernel_double = input_kernel<double>,
    .gradient = input_rule};

Tensor batch_moments(const Located& x) { return record(batch_moments_operation, x); }

Tensor batch_norm(const Located& x, const Located& moments, const Located& weight,
                  const Located& bias, double epsilon) {
  const Tensor inputs[] = {x, weight, bias, moments};
  return record(batch_norm_operation, inputs, bytes_of(Attributes{epsilon, 1}), x.line);
}

Tensor fixed_batch_norm(const Located& x, const Located& mean, const Located& variance,
                        const Located& weight, const Located& bias, double epsilon) {
  const auto as_column = [&](const Located& values) {
    return reshape(values, {values.shape().size(), 1});
  };
  const Tensor columns[] = {as_column(mean), as_column(x.tensor.tape().full(mean.shape(), 0.0)),
                            as_column(variance)};
  const Tensor inputs[] = {x, weight, bias, concatenate(columns, 1)};
  return record(batch_norm_operation, inputs, bytes_of(Attributes{epsilon, 0}), x.line);
}

}  // namespace tapegrad
