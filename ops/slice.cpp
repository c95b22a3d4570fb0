// A part of an axis, as a view where its rows allow it. Gradients of slices are regions: those of
// one tensor that do not overlap are put together in one concatenation.
#include <algorithm>
#include <cstring>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index axis, start, stop;
};

Type shape_rule(const ShapeContext& context) {
  const auto& [axis, start, stop] = context.attributes<Attributes>();
  const Index extent = context.shape(0)[static_cast<int>(axis)];
  if (start < 0 || stop > extent || start > stop) {
    throw ShapeError(fmt::format("[{}, {}) is not within axis {} of {}", start, stop, axis,
                                 context.shape(0).to_string()));
  }
  return {context.shape(0).with(static_cast<int>(axis), stop - start), context.inputs[0]->dtype};
}

bool place(const ViewContext& context, Placement& placement) {
  const auto& attributes = *static_cast<const Attributes*>(context.attribute_bytes);
  const int axis = static_cast<int>(attributes.axis);
  const Shape& input = *context.input;
  if (axis == input.rank() - 1) {
    placement = {attributes.start, context.pitch};
    return true;
  }
  if (input.product(0, axis) != 1) return false;
  placement = {attributes.start * input.product(axis + 1, input.rank() - 1) * context.pitch,
               context.pitch};
  return true;
}

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const AxisView view(context.shape(0), static_cast<int>(attributes.axis));
  const std::size_t element = size_of(context.output_type->dtype);
  const std::size_t bytes =
      static_cast<std::size_t>((attributes.stop - attributes.start) * view.inner) * element;
  for (Index o = 0; o < view.outer && bytes > 0; ++o) {
    std::memcpy(
        context.output.data + static_cast<std::size_t>(o) * bytes,
        context.inputs[0].data +
            static_cast<std::size_t>((o * view.extent + attributes.start) * view.inner) * element,
        bytes);
  }
}

Tensor assemble_regions(const Type& type, int axis, std::span<Region> regions) {
  std::ranges::sort(regions, {}, &Region::start);
  Tape& tape = regions[0].gradient.tape();
  std::vector<Tensor> parts;
  parts.reserve(2 * regions.size() + 1);
  Index at = 0;
  bool overlapping = false;
  for (const Region& region : regions) {
    overlapping = overlapping || region.start < at;
    if (region.start > at)
      parts.push_back(tape.full(type.shape.with(axis, region.start - at), 0.0));
    parts.push_back(region.gradient);
    at = region.start + region.gradient.shape()[axis];
  }
  if (overlapping) {
    parts.clear();
    for (const Region& region : regions) {
      parts.push_back(pad(region.gradient, axis, region.start,
                          type.shape[axis] - region.start - region.gradient.shape()[axis]));
    }
    return add_all(parts);
  }
  if (at < type.shape[axis])
    parts.push_back(tape.full(type.shape.with(axis, type.shape[axis] - at), 0.0));
  return parts.size() == 1 ? parts[0] : concatenate(parts, axis);
}

std::vector<OperationCase> check_cases() {
  return {
      {.name = "columns",
       .inputs = {{2, 4}},
       .apply = [](std::span<const Tensor> x) { return square(slice(x[0], 1, 1, 3)); }},
      {.name = "rows",
       .inputs = {{3, 2}},
       .apply = [](std::span<const Tensor> x) { return square(slice(x[0], 0, 1, 3)); }},
      {.name = "one row",
       .inputs = {{1, 4}},
       .apply = [](std::span<const Tensor> x) { return slice(x[0], -1, 0, -1); }},
      {.name = "middle axis",
       .inputs = {{2, 3, 2}},
       .apply = [](std::span<const Tensor> x) { return square(slice(x[0], 1, 1, 3)); }},
      {.name = "parts",
       .inputs = {{2, 4}},
       .apply =
           [](std::span<const Tensor> x) {
             const auto parts = split(x[0], 2);
             return sigmoid(parts[0]) * tanh(parts[1]);
           }},
      {.name = "overlapping",
       .inputs = {{2, 4}},
       .apply =
           [](std::span<const Tensor> x) { return slice(x[0], 1, 0, 3) * slice(x[0], 1, 1, 4); }},
      {.name = "nothing", .inputs = {{2, 4}}, .apply = [](std::span<const Tensor> x) {
         return slice(x[0], 1, 2, 2);
       }}};
}

}  // namespace

constinit const Operation slice_operation{
    .name = "slice",
    .form = Form::view,
    .inputs = 1,
    .moves = true,
    .shape = shape_rule,
    .place = place,
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient =
        [](GradientContext& context) {
          const auto attributes = context.attributes<Attributes>();
          context.add_region(0, context.gradient(), static_cast<int>(attributes.axis),
                             attributes.start, assemble_regions);
        },
    .cases = check_cases};

Tensor slice(const Located& x, int axis, Index start, Index stop) {
  if (axis >= 0 && start >= 0 && stop >= 0)
    return record(slice_operation, x, Attributes{axis, start, stop});
  const Shape& shape = x.shape();
  const bool valid = axis >= -shape.rank() && axis < shape.rank();
  const int counted = valid ? shape.normalised(axis) : axis;
  const Index extent = valid ? shape[axis] : 0;
  return record(
      slice_operation, x,
      Attributes{counted, start < 0 ? start + extent : start, stop < 0 ? stop + extent : stop});
}

std::vector<Tensor> split(const Located& x, Index parts, int axis) {
  const CalledAs call(x.tensor.tape(), "split");
  const bool valid = axis >= -x.shape().rank() && axis < x.shape().rank();
  const Index extent = valid ? x.shape()[axis] : 0;
  if (!valid || parts <= 0 || extent % parts != 0) {
    throw ShapeError(fmt::format("split: axis {} of {} does not make {} equal parts; {}", axis,
                                 x.shape().to_string(), parts,
                                 x.tensor.tape().place({&x.tensor, 1}, x.line)));
  }
  std::vector<Tensor> result;
  for (Index i = 0; i < parts; ++i)
    result.push_back(slice(x, axis, i * (extent / parts), (i + 1) * (extent / parts)));
  return result;
}

}  // namespace tapegrad
