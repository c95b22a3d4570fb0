// The cross-entropy of a softmax and class numbers, row by row, without the softmax being kept:
// with w the classes' weights (1 if none), ε the smoothing, y the row's class and l = log
// softmax(x),
//   loss = -(1-ε)·w[y]·l[y] - ε/C·Σ w[c]·l[c],        0 for an ignored row
//   ∂loss/∂x = A·softmax(x) - t,  A = (1-ε)·w[y] + ε/C·Σw,  t = (1-ε)·w[y]·onehot(y) + ε/C·w
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/reduction.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index ignore_index;
  double smoothing;
};

Index checked(Index id, Index classes, Index ignore_index) {
  if (id != ignore_index && (id < 0 || id >= classes))
    throw ValueError(fmt::format("class {} is outside of {} classes", id, classes));
  return id;
}

template <class T>
void loss_kernel(const KernelContext& context) {
  const auto& [ignore, smoothing] = context.attributes<Attributes>();
  const Index classes = context.inputs[0].columns;
  const T* weights = context.inputs.size() > 2 ? context.in<T>(2) : nullptr;
  const T spread = static_cast<T>(smoothing) / static_cast<T>(classes);
  for (Index r = context.begin; r < context.end; ++r) {
    const Index id = checked(context.in<Index>(1)[r], classes, ignore);
    if (id == ignore) {
      context.out<T>()[r] = T{0};
      continue;
    }
    const T* x = context.row<T>(0, r);
    const rows::LogSumExp<T> found(x, classes);
    const T own = static_cast<T>(1.0 - smoothing) * (weights != nullptr ? weights[id] : T{1});
    T loss = guarded(own, -found.log_share(x[id]));
    if (smoothing != 0.0) {
      const auto term = [&](Index c) {
        return guarded(weights != nullptr ? weights[c] : T{1}, -found.log_share(x[c]));
      };
      loss += spread * static_cast<T>(sum_of<T>(classes, term));
    }
    context.out<T>()[r] = loss;
  }
}

template <class T>
void gradient_kernel(const KernelContext& context) {
  const auto& [ignore, smoothing] = context.attributes<Attributes>();
  const Index classes = context.inputs[0].columns;
  const T* weights = context.inputs.size() > 3 ? context.in<T>(3) : nullptr;
  const T spread = static_cast<T>(smoothing) / static_cast<T>(classes);
  const T weight_sum =
      weights != nullptr ? static_cast<T>(rows::total(weights, classes)) : static_cast<T>(classes);
  for (Index r = context.begin; r < context.end; ++r) {
    const Index id = checked(context.in<Index>(1)[r], classes, ignore);
    T* __restrict out = context.out<T>() + r * classes;
    const T g = context.in<T>(2)[r];
    const T own = id == ignore
                      ? T{0}
                      : static_cast<T>(1.0 - smoothing) * (weights != nullptr ? weights[id] : T{1});
    const T total = own + spread * weight_sum;
    // Such a row does not count, even if its logits are NaN or g, divided by the sum of no weights,
    // is infinite.
    if (id == ignore || g == T{0} || total == T{0}) {
      std::fill_n(out, classes, T{0});
      continue;
    }
    const T* x = context.row<T>(0, r);
    const rows::LogSumExp<T> found(x, classes);
    const T scale = g * total;
    for (Index c = 0; c < classes; ++c) out[c] = scale * vector_math::exp(found.log_share(x[c]));
    if (smoothing != 0.0) {
      for (Index c = 0; c < classes; ++c)
        out[c] -= g * spread * (weights != nullptr ? weights[c] : T{1});
    }
    out[id] -= g * own;
  }
}

// The weight of each row in the mean: its class's, 0 for an ignored row.
template <class T>
void weights_kernel(const KernelContext& context) {
  const Index ignore = context.attributes<Attributes>().ignore_index;
  const T* weights = context.inputs.size() > 1 ? context.in<T>(1) : nullptr;
  for (Index i = 0; i < context.inputs[0].size(); ++i) {
    const Index id = context.in<Index>(0)[i];
    if (weights != nullptr && id != ignore) checked(id, context.inputs[1].size(), ignore);
    context.out<T>()[i] = id == ignore ? T{0} : (weights != nullptr ? weights[id] : T{1});
  }
}

Type loss_shape(const ShapeContext& context) {
  const Shape& logits = context.shape(0);
  if (logits.rank() == 0 || logits.without(-1) != context.shape(1) ||
      context.inputs[1]->dtype != Dtype::int64) {
    throw ShapeError(fmt::format(
        "needs logits [..., classes] and int64 classes [...]; logits {}, classes {} {}",
        logits.to_string(), name_of(context.inputs[1]->dtype), context.shape(1).to_string()));
  }
  if (context.inputs.size() > 2 && context.shape(2) != Shape{logits[-1]}) {
    throw ShapeError(fmt::format("needs a weight for each of {} classes, got {}", logits[-1],
                                 context.shape(2).to_string()));
  }
  return {context.shape(1), context.inputs[0]->dtype};
}

Tensor with_inputs(const Operation& operation, std::vector<Tensor> inputs, const Tensor& weights,
                   const Attributes& attributes) {
  if (weights) inputs.push_back(weights);
  return record(operation, inputs, bytes_of(attributes), {});
}

void loss_gradient(GradientContext& context) {
  const Tensor weights = context.input_count() > 2 ? context.input(2) : Tensor{};
  if (weights && context.needs(2))
    throw TapeError("softmax_cross_entropy has no gradient for its weights");
  if (!context.needs(0)) return;
  const auto attributes = context.attributes<Attributes>();
  context.add(0, with_inputs(cross_entropy_gradient_operation,
                             {context.input(0), context.input(1), context.gradient()}, weights,
                             attributes));
}

// For an outer gradient o: to x, A·g·(softmax gradient of o); to g, Σ o·(A·p - t).
void second_rule(GradientContext& context) {
  const auto attributes = context.attributes<Attributes>();
  const Tensor o = context.gradient();
  const Tensor x = context.input(0);
  const Tensor classes = context.input(1);
  const Tensor g = context.input(2);
  const Tensor weights = context.input_count() > 3 ? context.input(3) : Tensor{};
  if (context.needs(0)) {
    Tensor a = with_inputs(class_weights_operation, {classes}, weights, attributes);
    if (weights && attributes.smoothing != 0.0) {
      const Tensor kept = with_inputs(class_weights_operation, {classes}, {}, attributes);
      a = a * (1.0 - attributes.smoothing) +
          kept * (sum(weights) * (attributes.smoothing / static_cast<double>(x.shape()[-1])));
    }
    const Shape column = x.shape().with(-1, 1);
    context.add(0, guarded_product(reshape(a * g, column), softmax_gradient(o, softmax(x))));
  }
  if (context.needs(2)) {
    const Tensor ones = context.tape().full(g.shape(), 1.0);
    const Tensor unit =
        with_inputs(cross_entropy_gradient_operation, {x, classes, ones}, weights, attributes);
    context.add(2, sum(guarded_product(unit, o), {-1}));
  }
}

Tensor classes_of(const Tensor& x, std::initializer_list<Index> ids) {
  return x.tape().ids(std::span<const Index>(ids.begin(), ids.size()));
}

std::vector<OperationCase> check_cases() {
  const auto plain = [](std::span<const Tensor> x) {
    return softmax_cross_entropy(x[0], classes_of(x[0], {2, 0}));
  };
  const auto weighted = [](std::span<const Tensor> x) {
    const Tensor weights = x[0].tape().input(std::vector<double>{0.5, 1.0, 2.0}, {3});
    return softmax_cross_entropy(x[0], classes_of(x[0], {2, 0}),
                                 {.label_smoothing = 0.1, .weights = weights});
  };
  return {
      {.name = "plain", .inputs = {{2, 3}}, .apply = plain},
      {.name = "one row",
       .inputs = {{1, 3}},
       .apply =
           [](std::span<const Tensor> x) {
             return softmax_cross_entropy(x[0], classes_of(x[0], {1}));
           }},
      {.name = "ignored row",
       .inputs = {{2, 3}},
       .apply =
           [](std::span<const Tensor> x) {
             return softmax_cross_entropy(x[0], classes_of(x[0], {-100, 1}));
           }},
      {.name = "weights and smoothing", .inputs = {{2, 3}}, .apply = weighted},
      {.name = "smoothing, by rows", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) {
         return softmax_cross_entropy(x[0], classes_of(x[0], {2, 0}),
                                      {.label_smoothing = 0.2, .reduction = Reduction::none});
       }}};
}

}  // namespace

constinit const Operation cross_entropy_operation{.name = "softmax_cross_entropy",
                                                  .form = Form::rows,
                                                  .inputs = {2, 3},
                                                  .stacking = Stacking::rows,
                                                  .tiling = Tiling::input_rows,
                                                  .shared = 0b100,
                                                  .work = 6.0F,
                                                  .shape = loss_shape,
                                                  .kernel_float = loss_kernel<float>,
                                                  .kernel_double = loss_kernel<double>,
                                                  .gradient = loss_gradient,
                                                  .cases = check_cases};

constinit const Operation cross_entropy_gradient_operation{.name = "softmax_cross_entropy gradient",
                                                           .form = Form::rows,
                                                           .inputs = {3, 4},
                                                           .stacking = Stacking::rows,
                                                           .tiling = Tiling::input_rows,
                                                           .shared = 0b1000,
                                                           .work = 10.0F,
                                                           .shape = like_first,
                                                           .kernel_float = gradient_kernel<float>,
                                                           .kernel_double = gradient_kernel<double>,
                                                           .gradient = second_rule};

constinit const Operation class_weights_operation{
    .name = "softmax_cross_entropy weights",
    .form = Form::whole,
    .inputs = {1, 2},
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0), context.floating};
        },
    .kernel_float = weights_kernel<float>,
    .kernel_double = weights_kernel<double>,
    .constant = true};

Tensor softmax_cross_entropy(const Located& logits, const Located& classes,
                             const CrossEntropyOptions& options) {
  const CalledAs call(logits.tensor.tape(), "softmax_cross_entropy");
  if (!(options.label_smoothing >= 0.0 && options.label_smoothing <= 1.0)) {
    throw ValueError(fmt::format(
        "softmax_cross_entropy: label_smoothing must be within [0, 1], got {}; at {}:{}",
        options.label_smoothing, logits.line.file, logits.line.line));
  }
  Tape& tape = logits.tensor.tape();
  tape.check(classes.tensor, "softmax_cross_entropy");
  const Attributes attributes{options.ignore_index, options.label_smoothing};
  const std::size_t weighted = options.weights ? 1 : 0;
  const Tensor all[] = {logits.tensor, classes.tensor, options.weights};
  const std::span<const Tensor> inputs(all, 2 + weighted);
  const Tensor losses = record(cross_entropy_operation, inputs, bytes_of(attributes), logits.line);
  const Node& node = tape.structure().nodes[classes.tensor.node()];
  bool some_ignored = true;
  if (node.is_leaf()) {
    const Leaf& leaf = tape.leaves()[node.first_input];
    const Index count = logits.shape()[-1];
    const bool none = classes.shape().size() == 0;
    some_ignored =
        none || (leaf.least <= options.ignore_index && options.ignore_index <= leaf.greatest);
    const bool below = leaf.least < 0 && leaf.least != options.ignore_index;
    if (leaf.least <= leaf.greatest &&
        (below || (leaf.greatest >= count && leaf.greatest != options.ignore_index))) {
      throw ValueError(fmt::format("softmax_cross_entropy: class {} is outside of {} classes; {}",
                                   below ? leaf.least : leaf.greatest, count,
                                   tape.place(inputs, logits.line)));
    }
  }
  if (options.reduction != Reduction::mean || (!options.weights && !some_ignored))
    return reduced(losses, options.reduction, logits.line);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, logits.line); };
  const Tensor weights =
      record(class_weights_operation, inputs.subspan(1), bytes_of(attributes), logits.line);
  // 0 if no target counts, by the guard.
  return guarded_quotient(at(sum(at(losses))), at(sum(at(weights))));
}

}  // namespace tapegrad
