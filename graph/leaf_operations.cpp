#include <tapegrad/graph/leaf_operations.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/gradient_context.h>

namespace tapegrad {
namespace {

Type same_as_first(const ShapeContext& context) {
  for (const Type* type : context.inputs) {
    if (*type != *context.inputs[0]) {
      throw ShapeError(fmt::format(
          "summands must be alike, got {} {} and {} {}", name_of(context.inputs[0]->dtype),
          context.inputs[0]->shape.to_string(), name_of(type->dtype), type->shape.to_string()));
    }
  }
  return *context.inputs[0];
}

bool place_whole(const ViewContext& context, Placement& placement) {
  placement = {0, context.pitch};
  return true;
}

void copy_whole(const KernelContext& context) {
  const std::size_t bytes =
      static_cast<std::size_t>(context.output.size()) * size_of(context.output_type->dtype);
  std::copy_n(context.inputs[0].data, bytes, context.output.data);
}

}  // namespace

const Operation input_operation{.name = "input", .form = Form::leaf, .inputs = 0};
const Operation borrowed_operation{.name = "borrowed input", .form = Form::leaf, .inputs = 0};
const Operation parameter_operation{.name = "parameter", .form = Form::leaf, .inputs = 0};
const Operation copied_parameter_operation{
    .name = "parameter copy", .form = Form::leaf, .inputs = 0};

const Operation detach_operation{
    .name = "detach",
    .form = Form::view,
    .inputs = 1,
    .shape = [](const ShapeContext& context) { return *context.inputs[0]; },
    .place = place_whole,
    .kernel_float = copy_whole,
    .kernel_double = copy_whole,
    .constant = true};

const Operation sum_operation{.name = "sum of gradients",
                              .form = Form::sum,
                              .inputs = Arity::one_or_more,
                              .shape = same_as_first,
                              .gradient = [](GradientContext& context) {
                                for (std::size_t i = 0; i < context.input_count(); ++i)
                                  context.add(i, context.gradient());
                              }};

Tensor add_all(std::span<const Tensor> tensors, SourceLine line) {
  if (tensors.empty())
    throw ShapeError(
        fmt::format("add_all: needs at least one tensor; at {}:{}", line.file, line.line));
  if (tensors.size() == 1) return tensors[0];
  return record(sum_operation, tensors, {}, line);
}

}  // namespace tapegrad
