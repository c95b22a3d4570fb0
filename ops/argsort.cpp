// Places that sort the last axis, and what follows from them: sort and top_k take along the places,
// so that they have gradients.
#include <algorithm>
#include <numeric>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index count;  // so many places of each row
  Index descending;
};

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const Index columns = context.inputs[0].columns;
  std::vector<Index> places(static_cast<std::size_t>(columns));
  for (Index r = context.begin; r < context.end; ++r) {
    const T* row = context.row<T>(0, r);
    std::iota(places.begin(), places.end(), Index{0});
    // NaN is the largest; equals keep their order.
    const auto larger = [&](Index a, Index b) {
      const bool a_nan = row[a] != row[a];
      const bool b_nan = row[b] != row[b];
      if (a_nan || b_nan) return a_nan && b_nan ? a < b : a_nan;
      return row[a] != row[b] ? row[a] > row[b] : a < b;
    };
    const auto smaller = [&](Index a, Index b) {
      const bool a_nan = row[a] != row[a];
      const bool b_nan = row[b] != row[b];
      if (a_nan || b_nan) return a_nan && b_nan ? a < b : b_nan;
      return row[a] != row[b] ? row[a] < row[b] : a < b;
    };
    const auto middle = places.begin() + attributes.count;
    if (attributes.descending != 0)
      std::partial_sort(places.begin(), middle, places.end(), larger);
    else
      std::partial_sort(places.begin(), middle, places.end(), smaller);
    std::copy(places.begin(), middle, context.out<Index>() + r * attributes.count);
  }
}

Type shape_rule(const ShapeContext& context) {
  const Index count = context.attributes<Attributes>().count;
  if (context.shape(0).rank() == 0) throw ShapeError("a scalar has no axis to sort");
  if (count < 0 || count > context.shape(0).columns()) {
    throw ShapeError(fmt::format("k must be within [0, {}], got {}; input {}",
                                 context.shape(0).columns(), count, context.shape(0).to_string()));
  }
  return {context.shape(0).with(-1, count), Dtype::int64};
}

std::vector<OperationCase> check_cases() {
  return {{.name = "sort",
           .inputs = {{2, 4}},
           .apply = [](std::span<const Tensor> x) { return square(sort(x[0]).values); }},
          {.name = "descending",
           .inputs = {{1, 4}},
           .apply = [](std::span<const Tensor> x) { return square(sort(x[0], true).values); }},
          {.name = "top k",
           .inputs = {{2, 4}},
           .apply = [](std::span<const Tensor> x) { return square(top_k(x[0], 2).values); }},
          {.name = "empty", .inputs = {{0, 4}}, .apply = [](std::span<const Tensor> x) {
             return top_k(x[0], 2).values;
           }}};
}

ValuesAndPlaces along(const Located& x, const Tensor& places) {
  return {take_along_axis(x, {places, x.line}, -1), places};
}

}  // namespace

constinit const Operation argsort_operation{.name = "argsort",
                                            .form = Form::rows,
                                            .inputs = 1,
                                            .stacking = Stacking::rows,
                                            .tiling = Tiling::input_rows,
                                            .work = 100.0F,
                                            .shape = shape_rule,
                                            .kernel_float = kernel<float>,
                                            .kernel_double = kernel<double>,
                                            .constant = true,
                                            .cases = check_cases};

Tensor argsort(const Located& x, bool descending) {
  return record(argsort_operation, x, Attributes{x.shape().columns(), descending ? 1 : 0});
}

ValuesAndPlaces sort(const Located& x, bool descending) {
  const CalledAs call(x.tensor.tape(), "sort");
  return along(x, argsort(x, descending));
}

ValuesAndPlaces top_k(const Located& x, Index k) {
  const CalledAs call(x.tensor.tape(), "top_k");
  return along(x, record(argsort_operation, x, Attributes{k, 1}));
}

}  // namespace tapegrad
