#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index padding;
};

Type shape_rule(const ShapeContext& context) {
  check_ids(context, 0);
  return {context.shape(0), context.floating};
}

template <class T>
void kernel(const KernelContext& context) {
  const Index padding = context.attributes<Attributes>().padding;
  const Index* ids = context.in<Index>(0);
  for (Index i = 0; i < context.inputs[0].size(); ++i)
    context.out<T>()[i] = ids[i] == padding ? T{0} : T{1};
}

std::vector<OperationCase> check_cases() {
  const auto beside = [](std::vector<Index> ids) {
    return
        [ids](std::span<const Tensor> x) { return x[0] * padding_mask(x[0].tape().ids(ids), 3); };
  };
  return {{.name = "beside a factor", .inputs = {{3}}, .apply = beside({3, 0, 3})},
          {.name = "one", .inputs = {{1}}, .apply = beside({3})},
          {.name = "empty", .inputs = {{0}}, .apply = beside({})}};
}

}  // namespace

constinit const Operation padding_mask_operation{.name = "padding_mask",
                                                 .form = Form::whole,
                                                 .inputs = 1,
                                                 .shape = shape_rule,
                                                 .kernel_float = kernel<float>,
                                                 .kernel_double = kernel<double>,
                                                 .constant = true,
                                                 .cases = check_cases};

Tensor padding_mask(const Located& ids, Index padding) {
  return record(padding_mask_operation, ids, Attributes{padding});
}

}  // namespace tapegrad
