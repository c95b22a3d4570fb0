#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index rank;
  Index extents[Shape::max_rank];
};

Type shape_rule(const ShapeContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  Extents extents(
      std::span<const Index>(attributes.extents, static_cast<std::size_t>(attributes.rank)));
  Index known = 1;
  std::ptrdiff_t open = -1;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] != -1)
      known *= extents[i];
    else if (open < 0)
      open = static_cast<std::ptrdiff_t>(i);
    else
      throw ShapeError("only one extent may be -1");
  }
  const Index size = context.shape(0).size();
  if (open >= 0 && known > 0) extents[static_cast<std::size_t>(open)] = size / known;
  if (open >= 0 && known == 0)
    throw ShapeError(fmt::format("-1 beside an extent of 0 says nothing; input {}",
                                 context.shape(0).to_string()));
  const Shape shape = extents.shape();
  if (shape.size() != size) {
    throw ShapeError(fmt::format("{} has {} elements, {} has {}", context.shape(0).to_string(),
                                 size, shape.to_string(), shape.size()));
  }
  return {shape, context.inputs[0]->dtype};
}

bool place(const ViewContext& context, Placement& placement) {
  if (context.contiguous)
    placement = {0, context.output->columns()};
  else if (context.input->columns() == context.output->columns())
    placement = {0, context.pitch};
  else
    return false;
  return true;
}

template <class T>
void kernel(const KernelContext& context) {
  const std::size_t element = size_of(context.output_type->dtype);
  std::copy_n(context.inputs[0].data, static_cast<std::size_t>(context.output.size()) * element,
              context.output.data);
}

std::vector<OperationCase> check_cases() {
  return {{.name = "flat",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(reshape(x[0], {6})); }},
          {.name = "what is left",
           .inputs = {{1, 6}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(reshape(x[0], {3, -1}));
               }},
          {.name = "of a column slice",
           .inputs = {{2, 3}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(reshape(slice(x[0], 1, 1, 3), Shape{4}));
               }},
          {.name = "empty", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return reshape(x[0], Shape{3, 0});
           }}};
}

}  // namespace

constinit const Operation reshape_operation{
    .name = "reshape",
    .form = Form::view,
    .inputs = 1,
    .moves = true,
    .shape = shape_rule,
    .place = place,
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient =
        [](GradientContext& context) {
          context.add(0, reshape(context.gradient(), context.input(0).shape()));
        },
    .cases = check_cases};

Tensor reshape(const Located& x, std::span<const Index> extents) {
  if (extents.size() > Shape::max_rank)
    throw ShapeError(
        fmt::format("reshape: at most {} extents, got {}", Shape::max_rank, extents.size()));
  if (std::ranges::equal(extents, x.shape().extents())) return x;
  Attributes attributes{.rank = static_cast<Index>(extents.size()), .extents = {}};
  std::ranges::copy(extents, attributes.extents);
  return record(reshape_operation, x, attributes);
}

Tensor reshape(const Located& x, std::initializer_list<Index> extents) {
  return reshape(x, std::span<const Index>(extents.begin(), extents.size()));
}

Tensor reshape(const Located& x, const Shape& shape) { return reshape(x, shape.extents()); }

}  // namespace tapegrad
