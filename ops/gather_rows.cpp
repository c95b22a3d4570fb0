// Rows of a table by number. The gradient, scatter_add_rows, is dense in shape; where nothing else
// is added to it, the planner leaves it as rows.
#include <algorithm>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/graph/sums.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct ScatterAttributes {
  Index rows;
};

Type gather_shape(const ShapeContext& context) {
  check_ids(context, 1);
  if (context.shape(0).rank() != 2)
    throw ShapeError(
        fmt::format("needs a table [rows, width], got {}", context.shape(0).to_string()));
  Extents extents(context.shape(1).extents());
  extents.append(context.shape(0)[1]);
  return {extents.shape(), context.inputs[0]->dtype};
}

Type scatter_shape(const ShapeContext& context) {
  check_ids(context, 0);
  if (context.shape(1).rank() == 0 || context.shape(1).rows() != context.shape(0).size()) {
    throw ShapeError(fmt::format("needs a row of values for every id; ids {}, values {}",
                                 context.shape(0).to_string(), context.shape(1).to_string()));
  }
  return {{context.attributes<ScatterAttributes>().rows, context.shape(1).columns()},
          context.inputs[1]->dtype};
}

[[noreturn]] void out_of_range(Index id, Index rows) {
  throw ValueError(fmt::format("id {} is outside of {} rows", id, rows));
}

template <class T>
void gather_kernel(const KernelContext& context) {
  const Matrix& table = context.inputs[0];
  const Index* ids = context.in<Index>(1);
  const std::size_t bytes = static_cast<std::size_t>(table.columns) * sizeof(T);
  for (Index r = context.begin; r < context.end; ++r) {
    if (ids[r] < 0 || ids[r] >= table.rows) out_of_range(ids[r], table.rows);
    copy_bytes(context.out<T>() + r * table.columns, context.row<T>(0, ids[r]), bytes);
  }
}

// Rows [begin, end) of the output: every part reads all ids and sums the values of its own rows, in
// their order. The places of the values are sorted by id, by counting, so that each row is one sum.
template <class T>
void scatter_kernel(const KernelContext& context) {
  const Matrix& values = context.inputs[1];
  const Index columns = values.columns, own = context.end - context.begin;
  const Index* ids = context.in<Index>(0);
  Scratch<Index> memory(own + 1 + values.rows);
  Index* ends = memory.data();  // of each row's places; the begins, until they are filled in
  Index* places = ends + own + 1;
  std::fill_n(ends, own + 1, Index{0});
  const auto is_own = [&](Index id) { return id >= context.begin && id < context.end; };
  for (Index r = 0; r < values.rows; ++r) {
    if (ids[r] < 0 || ids[r] >= context.output.rows) out_of_range(ids[r], context.output.rows);
    if (is_own(ids[r])) ++ends[ids[r] - context.begin + 1];
  }
  for (Index i = 0; i < own; ++i) ends[i + 1] += ends[i];
  for (Index r = 0; r < values.rows; ++r) {
    if (is_own(ids[r])) places[ends[ids[r] - context.begin]++] = r;
  }
  Index begin = 0;
  for (Index i = 0; i < own; ++i) {
    const auto value = [&](Index k) { return context.row<T>(1, places[begin + k]); };
    sum_rows(ends[i] - begin, columns, value, context.out<T>() + (context.begin + i) * columns);
    begin = ends[i];
  }
}

void gather_gradient(GradientContext& context) {
  if (!context.needs(0)) return;
  const Tensor g = context.gradient();
  const Tensor ids = context.input(1);
  const ScatterAttributes attributes{context.input(0).shape()[0]};
  context.add(0, record(scatter_add_rows_operation, ids, g, attributes));
}

void scatter_gradient(GradientContext& context) {
  if (!context.needs(1)) return;
  const Tensor rows = record(gather_rows_operation, context.gradient(), context.input(0));
  context.add(
      1, rows.shape() == context.input(1).shape() ? rows : reshape(rows, context.input(1).shape()));
}

// What is known when recording is checked then, at the user's line.
void check_leaf(const char* operation, const Located& ids, Index rows) {
  Tape& tape = ids.tensor.tape();
  tape.check(ids.tensor, operation);
  const Node& node = tape.structure().nodes[ids.tensor.node()];
  if (!node.is_leaf() || ids.tensor.dtype() != Dtype::int64) return;
  const Leaf& leaf = tape.leaves()[node.first_input];
  if (leaf.greatest < leaf.least || (leaf.least >= 0 && leaf.greatest < rows)) return;
  throw ValueError(fmt::format("{}: id {} is outside of {} rows; {}", operation,
                               leaf.least < 0 ? leaf.least : leaf.greatest, rows,
                               tape.place({&ids.tensor, 1}, ids.line)));
}

double gather_cost(const ShapeContext&, const Type& output) {
  return 10.0 + static_cast<double>(output.shape.rows()) * 8.0 +
         static_cast<double>(output.shape.size()) * 0.1;
}

Tensor some_ids(const Tensor& x, std::initializer_list<Index> ids) {
  return x.tape().ids(std::span<const Index>(ids.begin(), ids.size()));
}

std::vector<OperationCase> gather_cases() {
  return {
      {.name = "rows",
       .inputs = {{4, 3}},
       .apply =
           [](std::span<const Tensor> x) {
             return square(gather_rows(x[0], some_ids(x[0], {2, 0, 2})));
           }},
      {.name = "one row",
       .inputs = {{4, 3}},
       .apply =
           [](std::span<const Tensor> x) {
             return square(gather_rows(x[0], some_ids(x[0], {1})));
           }},
      {.name = "a vector",
       .inputs = {{4}},
       .apply =
           [](std::span<const Tensor> x) {
             return square(gather_rows(x[0], some_ids(x[0], {3, 3})));
           }},
      {.name = "no rows",
       .inputs = {{4, 3}},
       .apply = [](std::span<const Tensor> x) { return gather_rows(x[0], some_ids(x[0], {})); }},
      {.name = "a table used twice", .inputs = {{4, 3}}, .apply = [](std::span<const Tensor> x) {
         return gather_rows(x[0], some_ids(x[0], {1, 2})) *
                gather_rows(x[0], some_ids(x[0], {2, 3}));
       }}};
}

std::vector<OperationCase> scatter_cases() {
  return {{.name = "rows",
           .inputs = {{3, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return square(scatter_add_rows(some_ids(x[0], {2, 0, 2}), x[0], 4));
               }},
          {.name = "one row", .inputs = {{1, 2}}, .apply = [](std::span<const Tensor> x) {
             return square(scatter_add_rows(some_ids(x[0], {1}), x[0], 2));
           }}};
}

}  // namespace

constinit const Operation gather_rows_operation{.name = "gather_rows",
                                                .form = Form::rows,
                                                .inputs = 2,
                                                .stacking = Stacking::rows,
                                                .tiling = Tiling::output_rows,
                                                .shared = 0b01,
                                                .reads_rows = true,
                                                .shape = gather_shape,
                                                .cost = gather_cost,
                                                .kernel_float = gather_kernel<float>,
                                                .kernel_double = gather_kernel<double>,
                                                .gradient = gather_gradient,
                                                .cases = gather_cases};

constinit const Operation scatter_add_rows_operation{.name = "scatter_add_rows",
                                                     .form = Form::rows,
                                                     .inputs = 2,
                                                     .stacking = Stacking::adds,
                                                     .tiling = Tiling::output_rows,
                                                     .scatters_rows = true,
                                                     .shape = scatter_shape,
                                                     .kernel_float = scatter_kernel<float>,
                                                     .kernel_double = scatter_kernel<double>,
                                                     .gradient = scatter_gradient,
                                                     .cases = scatter_cases};

Tensor gather_rows(const Located& table, const Located& ids) {
  const Shape shape = table.shape();
  if (shape.rank() >= 1) check_leaf("gather_rows", {ids.tensor, table.line}, shape[0]);
  if (shape.rank() == 2 || shape.rank() == 0) return record(gather_rows_operation, table, ids);
  const CalledAs call(table.tensor.tape(), "gather_rows");
  Extents extents(ids.shape().extents());
  extents.append(shape.extents().subspan(1));
  const Tensor matrix = reshape(table, Shape{shape[0], shape.product(1, shape.rank())});
  const Tensor rows = record(gather_rows_operation, {matrix, table.line}, ids);
  return reshape({rows, table.line}, extents.shape());
}

Tensor scatter_add_rows(const Located& ids, const Located& values, Index rows) {
  check_leaf("scatter_add_rows", ids, rows);
  return record(scatter_add_rows_operation, ids, values, ScatterAttributes{rows});
}

}  // namespace tapegrad
