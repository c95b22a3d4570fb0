// Scaled dot-product attention. The kernels go head by head, in blocks of rows that stay in the
// cache; no tensor of [length, length] leaves them, and the gradient computes the probabilities
// again.
#include <algorithm>
#include <cmath>
#include <limits>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/gemm.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index heads;
  Index causal;
  double dropout;
  Index ordinal;  // of the random operation
};

constexpr Index block_rows = 32;

// Matrices of one head of one batch entry.
template <class T>
struct Head {
  const T *query, *key, *value;
  const T* allowed;  // [keys], or null
  Index query_pitch, key_pitch, value_pitch;
  Index queries, keys, width;
  bool causal;
  double rate;
  Index place;  // of the first probability, among all

  Head(const KernelContext& context, Index batch, Index head, bool masked) {
    const auto& attributes = context.attributes<Attributes>();
    queries = context.shape(0)[1];
    keys = context.shape(1)[1];
    width = context.shape(0)[2] / attributes.heads;
    query = context.row<T>(0, batch * queries) + head * width;
    key = context.row<T>(1, batch * keys) + head * width;
    value = context.row<T>(2, batch * keys) + head * width;
    query_pitch = context.inputs[0].pitch;
    key_pitch = context.inputs[1].pitch;
    value_pitch = context.inputs[2].pitch;
    allowed = masked ? context.row<T>(3, batch) : nullptr;
    causal = attributes.causal != 0;
    rate = attributes.dropout;
    place = (batch * attributes.heads + head) * queries * keys;
  }

  // Keys that rows before `row` may see, at most. The last query stands at the last key.
  Index seen_before(Index row) const { return causal ? keys - queries + row : keys; }
};

// A product of matrices whose terms are multiply(left, right), by the rules of guarded.h: what a
// mask hides, or has the gradient 0, does not count, even if it meets an infinity or a NaN. Such
// numbers are rare, so the product is computed as usual, and once more where it came out as no
// finite number.
template <class T>
void guarded_gemm(Index m, Index n, Index k, const GemmOperand<T>& left,
                  const GemmOperand<T>& right, T* output, Index pitch,
                  T (*multiply)(T, T) = guarded<T>) {
  gemm(m, n, k, left, right, output, pitch);
  const auto at = [](const GemmOperand<T>& x, Index row, Index column) {
    return x.transposed ? x.data[column * x.pitch + row] : x.data[row * x.pitch + column];
  };
  for (Index r = 0; r < m; ++r) {
    T* row = output + r * pitch;
    int others = 0;
    for (Index c = 0; c < n; ++c) others |= row[c] - row[c] == T{0} ? 0 : 1;
    for (Index c = 0; others != 0 && c < n; ++c) {
      if (row[c] - row[c] == T{0}) continue;
      row[c] = static_cast<T>(
          sum_of<T>(k, [&](Index i) { return multiply(at(left, r, i), at(right, i, c)); }));
    }
  }
}

// Probabilities of rows [begin, end) over the first `seen` keys, at probabilities[row·keys].
template <class T>
void softmax_rows(const Head<T>& head, Index begin, Index end, Index seen, T* probabilities) {
  const T scale = static_cast<T>(1.0 / std::sqrt(static_cast<double>(head.width)));
  gemm(end - begin, seen, head.width, {head.query + begin * head.query_pitch, head.query_pitch},
       {head.key, head.key_pitch, true}, probabilities + begin * head.keys, head.keys);
  for (Index r = begin; r < end; ++r) {
    T* row = probabilities + r * head.keys;
    const Index count = head.seen_before(r + 1);
    if (head.allowed != nullptr) {
      for (Index c = 0; c < count; ++c)
        row[c] = head.allowed[c] != T{0} ? row[c] : -std::numeric_limits<T>::infinity();
    }
    const T top = rows::largest(row, count);
    if (top == -std::numeric_limits<T>::infinity()) {
      std::fill_n(row, seen, T{0});  // nothing to attend to
      continue;
    }
    for (Index c = 0; c < count; ++c) row[c] = vector_math::exp((row[c] - top) * scale);
    const T share = static_cast<T>(1.0 / rows::total(row, count));
    for (Index c = 0; c < count; ++c) row[c] *= share;
    std::fill(row + count, row + seen, T{0});
  }
}

// The factors that dropout gives a row's first `count` probabilities: those of dropout_mask for
// [batch, heads, queries, keys].
template <class T>
void dropout_row(const KernelContext& context, const Head<T>& head, Index row, Index count,
                 T* factors) {
  dropout_factors(context.seed, context.step, context.attributes<Attributes>().ordinal, head.rate,
                  head.place + row * head.keys, count, factors);
}

template <class T>
void forward_kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const bool masked = context.inputs.size() == 4;
  const Index queries = context.shape(0)[1], keys = context.shape(1)[1];
  const ItemRange entries(context, queries, context.shape(0)[0]);
  Scratch<T> memory((queries + 1) * keys);
  T* probabilities = memory.data();
  T* factors = probabilities + queries * keys;
  for (Index b = entries.begin; b < entries.end; ++b) {
    for (Index h = 0; h < attributes.heads; ++h) {
      const Head<T> head(context, b, h, masked);
      T* out = context.out<T>() + b * queries * context.output.columns + h * head.width;
      for (Index begin = 0; begin < queries; begin += block_rows) {
        const Index end = std::min(queries, begin + block_rows);
        const Index seen = head.seen_before(end);
        softmax_rows(head, begin, end, seen, probabilities);
        for (Index r = begin; head.rate > 0.0 && r < end; ++r) {
          dropout_row(context, head, r, seen, factors);
          for (Index c = 0; c < seen; ++c) probabilities[r * keys + c] *= factors[c];
        }
        guarded_gemm<T>(end - begin, head.width, seen, {probabilities + begin * keys, keys},
                        {head.value, head.value_pitch}, out + begin * context.output.columns,
                        context.output.columns);
      }
    }
  }
}

// To the queries, keys and values, side by side: [batch, max(queries, keys), 3·width], what is
// beyond a length 0.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const std::size_t last = context.inputs.size() - 1;
  const Index queries = context.shape(0)[1], keys = context.shape(1)[1],
              columns = context.shape(0)[2];
  const Index longest = std::max(queries, keys);
  const Index pitch = 3 * columns;
  const ItemRange entries(context, longest, context.shape(0)[0]);
  Scratch<T> memory((2 * queries + 1) * keys);
  T* probabilities = memory.data();
  T* dropped = probabilities + queries * keys;
  T* factors = dropped + queries * keys;
  const T scale = static_cast<T>(1.0 / std::sqrt(static_cast<double>(columns / attributes.heads)));
  for (Index b = entries.begin; b < entries.end; ++b) {
    T* out = context.out<T>() + b * longest * pitch;
    if (queries != keys) std::fill_n(out, longest * pitch, T{0});
    for (Index h = 0; h < attributes.heads; ++h) {
      const Head<T> head(context, b, h, last == 4);
      const T* gradient = context.row<T>(last, b * queries) + h * head.width;
      const Index gradient_pitch = context.inputs[last].pitch;
      for (Index begin = 0; begin < queries; begin += block_rows) {
        const Index end = std::min(queries, begin + block_rows);
        const Index seen = head.seen_before(end);
        softmax_rows(head, begin, end, seen, probabilities);
        // To the probabilities, then through the softmax.
        guarded_gemm<T>(end - begin, seen, head.width,
                        {gradient + begin * gradient_pitch, gradient_pitch},
                        {head.value, head.value_pitch, true}, dropped + begin * keys, keys);
        for (Index r = begin; r < end; ++r) {
          T* p = probabilities + r * keys;
          T* d = dropped + r * keys;
          if (head.rate > 0.0) {
            dropout_row(context, head, r, seen, factors);
            for (Index c = 0; c < seen; ++c) d[c] *= factors[c];
          }
          const T along = static_cast<T>(
              sum_of<T>(seen, [p, d](Index c) { return guarded_by_both(p[c], d[c]); }));
          for (Index c = 0; c < seen; ++c) d[c] = guarded_by_both(scale * p[c], d[c] - along);
          if (head.rate > 0.0) {
            for (Index c = 0; c < seen; ++c) p[c] *= factors[c];
          }
          std::fill(p + seen, p + keys, T{0});
          std::fill(d + seen, d + keys, T{0});
        }
        guarded_gemm<T>(end - begin, head.width, seen, {dropped + begin * keys, keys},
                        {head.key, head.key_pitch}, out + begin * pitch + h * head.width, pitch);
      }
      guarded_gemm<T>(keys, head.width, queries, {dropped, keys, true},
                      {head.query, head.query_pitch}, out + columns + h * head.width, pitch);
      guarded_gemm<T>(keys, head.width, queries, {probabilities, keys, true},
                      {gradient, gradient_pitch}, out + 2 * columns + h * head.width, pitch,
                      guarded_by_both<T>);
    }
  }
}

Type shape_rule(const ShapeContext& context) {
  const Shape &query = context.shape(0), &key = context.shape(1), &value = context.shape(2);
  const auto& attributes = context.attributes<Attributes>();
  const bool fits = query.rank() == 3 && key.rank() == 3 && value == key && query[0] == key[0] &&
                    query[2] == key[2];
  if (!fits) {
    throw ShapeError(fmt::format(
        "needs queries [batch, length, width] and keys and values [batch, keys, width], got {}",
        shapes_of(context)));
  }
  if (query[2] % attributes.heads != 0)
    throw ShapeError(
        fmt::format("the heads ({}) must divide the width ({})", attributes.heads, query[2]));
  if (attributes.causal != 0 && query[1] > key[1])
    throw ShapeError(fmt::format("causal attention needs as many keys as queries or more, got {}",
                                 shapes_of(context)));
  if (context.inputs.size() == 4 && context.shape(3) != Shape{key[0], key[1]}) {
    throw ShapeError(fmt::format("the mask must be [batch, keys], {}, got {}",
                                 Shape{key[0], key[1]}.to_string(), context.shape(3).to_string()));
  }
  return *context.inputs[0];
}

double cost(const ShapeContext& context, const Type&) {
  const Shape &query = context.shape(0), &key = context.shape(1);
  const double pairs = static_cast<double>(query[0] * query[1]) * static_cast<double>(key[1]);
  const double part = context.attributes<Attributes>().causal != 0 ? 0.6 : 1.0;
  return part * pairs *
         (static_cast<double>(query[2]) * 0.04 +
          2.0 * static_cast<double>(context.attributes<Attributes>().heads));
}

Tensor composite(std::span<const Tensor> inputs, const Tensor* allowed,
                 const Attributes& attributes) {
  const Shape query = inputs[0].shape(), key = inputs[1].shape();
  const Index width = query[2] / attributes.heads;
  const auto heads = [&](const Tensor& x) {
    return transpose(reshape(x, {x.shape()[0], x.shape()[1], attributes.heads, width}),
                     {0, 2, 1, 3});
  };
  const double scale = 1.0 / std::sqrt(static_cast<double>(width));
  const Tensor scores = matmul(heads(inputs[0]), heads(inputs[1]), {.right = true}) * scale;
  Tape& tape = inputs[0].tape();
  Tensor mask = tape.full({query[1], key[1]}, 1.0);
  if (attributes.causal != 0) mask = tril(mask, key[1] - query[1]);
  if (allowed != nullptr) mask = mask * reshape(*allowed, {key[0], 1, 1, key[1]});
  Tensor probabilities = masked_softmax(scores, broadcast_to(mask, scores.shape()));
  if (attributes.dropout > 0.0) {
    probabilities = probabilities * dropout_mask_of(tape, scores.shape(), attributes.dropout,
                                                    static_cast<std::uint32_t>(attributes.ordinal),
                                                    SourceLine::here());
  }
  return reshape(transpose(matmul(probabilities, heads(inputs[2])), {0, 2, 1, 3}), query);
}

void gradient_rule(GradientContext& context) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < context.input_count(); ++i) inputs.push_back(context.input(i));
  inputs.push_back(context.gradient());
  const Tensor all = record(attention_gradient_operation, inputs,
                            bytes_of(context.attributes<Attributes>()), SourceLine::here());
  const Index width = inputs[0].shape()[2];
  for (std::size_t i = 0; i < 3; ++i) {
    if (!context.needs(i)) continue;
    const Index at = static_cast<Index>(i) * width;
    const Tensor own = slice(all, 2, at, at + width);
    const Index length = inputs[i].shape()[1];
    context.add(i, own.shape()[1] == length ? own : slice(own, 1, 0, length));
  }
}

// Through the composite, with its parts put side by side as the kernel does.
void second_rule(GradientContext& context) {
  const auto attributes = context.attributes<Attributes>();
  const std::size_t count = context.input_count();
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor x = context.input(i);
    inputs.push_back(reshape(reshape(x, {x.shape().size()}), x.shape()));
  }
  const std::span<const Tensor> arguments = std::span<const Tensor>(inputs).first(3);
  const Tensor* allowed = count == 5 ? &inputs[3] : nullptr;
  std::vector<Tensor> parts = vector_jacobian_product(composite(arguments, allowed, attributes),
                                                      inputs.back(), arguments, Unreached::zero);
  const Index longest = std::max(inputs[0].shape()[1], inputs[1].shape()[1]);
  for (Tensor& part : parts) part = pad(part, 1, 0, longest - part.shape()[1]);
  const Tensor targets[] = {inputs[0], inputs[1], inputs[2], inputs.back()};
  const auto outer =
      vector_jacobian_product(concatenate(parts, -1), context.gradient(), targets, Unreached::zero);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t input = i < 3 ? i : count - 1;
    if (context.needs(input)) context.add(input, outer[i]);
  }
}

std::vector<OperationCase> check_cases() {
  const auto with = [](AttentionOptions options) {
    return [options](std::span<const Tensor> x) {
      return square(attention(x[0], x[1], x[2], options));
    };
  };
  const std::vector<Shape> same = {{2, 3, 4}, {2, 3, 4}, {2, 3, 4}};
  return {
      {.name = "one head", .inputs = same, .apply = with({})},
      {.name = "two heads, causal", .inputs = same, .apply = with({.heads = 2, .causal = true})},
      {.name = "other keys", .inputs = {{2, 2, 2}, {2, 5, 2}, {2, 5, 2}}, .apply = with({})},
      {.name = "other keys, causal",
       .inputs = {{2, 2, 4}, {2, 5, 4}, {2, 5, 4}},
       .apply = with({.heads = 2, .causal = true})},
      {.name = "one query", .inputs = {{1, 1, 2}, {1, 3, 2}, {1, 3, 2}}, .apply = with({})},
      {.name = "dropout", .inputs = same, .apply = with({.heads = 2, .dropout = 0.4})},
      {.name = "a mask, and a row without any",
       .inputs = same,
       .apply =
           [](std::span<const Tensor> x) {
             const Tensor mask = x[0].tape().input(std::vector<double>{1, 0, 1, 0, 0, 0}, {2, 3});
             return square(attention(x[0], x[1], x[2], {.mask = mask}));
           }},
      {.name = "to itself", .inputs = {{1, 3, 2}}, .apply = [](std::span<const Tensor> x) {
         return square(attention(x[0], x[0], x[0], {.causal = true}));
       }}};
}

}  // namespace

constinit const Operation attention_operation{.name = "attention",
                                              .form = Form::rows,
                                              .inputs = {3, 4},
                                              .tiling = Tiling::output_rows,
                                              .shape = shape_rule,
                                              .cost = cost,
                                              .kernel_float = forward_kernel<float>,
                                              .kernel_double = forward_kernel<double>,
                                              .gradient = gradient_rule,
                                              .cases = check_cases};

constinit const Operation attention_gradient_operation{
    .name = "attention gradient",
    .form = Form::rows,
    .inputs = {4, 5},
    .tiling = Tiling::output_rows,
    .shape =
        [](const ShapeContext& context) {
          const Shape &query = context.shape(0), &key = context.shape(1);
          return Type{{query[0], std::max(query[1], key[1]), 3 * query[2]},
                      context.inputs[0]->dtype};
        },
    .cost = [](const ShapeContext& context,
               const Type& output) { return 2.5 * cost(context, output); },
    .kernel_float = gradient_kernel<float>,
    .kernel_double = gradient_kernel<double>,
    .gradient = second_rule};

Tensor attention(const Located& query, const Located& key, const Located& value,
                 const AttentionOptions& options) {
  Tape& tape = query.tensor.tape();
  if (options.heads < 1 || !(options.dropout >= 0.0 && options.dropout < 1.0)) {
    throw ValueError(fmt::format(
        "attention: needs heads of 1 or more and dropout within [0, 1), got {} and {}; {}",
        options.heads, options.dropout, tape.place({&query.tensor, 1}, query.line)));
  }
  const bool drops = tape.training() && options.dropout > 0.0;
  const Attributes attributes{options.heads, options.causal ? 1 : 0, drops ? options.dropout : 0.0,
                              drops ? static_cast<Index>(tape.next_random_ordinal()) : 0};
  const Tensor inputs[] = {query.tensor, key.tensor, value.tensor, options.mask};
  return record(attention_operation, std::span(inputs, options.mask ? 4 : 3), bytes_of(attributes),
                query.line);
}

}  // namespace tapegrad
