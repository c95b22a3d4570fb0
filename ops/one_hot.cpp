#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index classes;
};

Type shape_rule(const ShapeContext& context) {
  check_ids(context, 0);
  Extents extents(context.shape(0).extents());
  extents.append(context.attributes<Attributes>().classes);
  return {extents.shape(), context.floating};
}

template <class T>
void kernel(const KernelContext& context) {
  const Index classes = context.attributes<Attributes>().classes;
  std::fill_n(context.out<T>(), context.output.size(), T{0});
  for (Index i = 0; i < context.inputs[0].size(); ++i) {
    const Index id = context.in<Index>(0)[i];
    if (id < 0 || id >= classes)
      throw ValueError(fmt::format("id {} is outside of {} classes", id, classes));
    context.out<T>()[i * classes + id] = T{1};
  }
}

std::vector<OperationCase> check_cases() {
  return {{.name = "beside a factor", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) {
             return x[0] * one_hot(x[0].tape().ids(std::vector<Index>{2, 0}), 3);
           }}};
}

}  // namespace

constinit const Operation one_hot_operation{.name = "one_hot",
                                            .form = Form::whole,
                                            .inputs = 1,
                                            .shape = shape_rule,
                                            .kernel_float = kernel<float>,
                                            .kernel_double = kernel<double>,
                                            .constant = true,
                                            .cases = check_cases};

Tensor one_hot(const Located& ids, Index classes) {
  return record(one_hot_operation, ids, Attributes{classes});
}

}  // namespace tapegrad
