// The catalogue of operations. Each is a function that appends a node to the tape of its arguments
// and returns its handle; the file of the same name holds the operation. Shapes broadcast as in
// NumPy where nothing else is said. Axes may count from the end. Errors: ShapeError for shapes,
// axes and element types that do not fit; the message names the line that called.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <vector>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/leaf_operations.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad {

// ---- Elementwise, two inputs. For a number, which may change without a new plan: the operators,
// or tape.constant(number). ----
Tensor add(const Located& x, const Located& y);
Tensor subtract(const Located& x, const Located& y);
Tensor multiply(const Located& x, const Located& y);
Tensor divide(const Located& x, const Located& y);
// xʸ for x > 0. The gradient for the exponent is xʸ log x.
Tensor power(const Located& x, const Located& y);
// xᵉ for a fixed exponent, any x where it is defined; no gradient for the exponent.
Tensor power(const Located& x, double exponent);
// The smaller, the larger of two; NaN if one of them is. Where they are equal, the gradient goes to
// x.
Tensor minimum(const Located& x, const Located& y);
Tensor maximum(const Located& x, const Located& y);
// x where the condition is not 0, else y. The condition passes no gradient, and what is not chosen
// gets 0.
Tensor where(const Located& condition, const Located& x, const Located& y);
// g·f, and g/x; 0 where g is 0, even if f is infinite or NaN. What gradient rules multiply an
// incoming gradient by: see docs/accuracy.md.
Tensor guarded_product(const Located& g, const Located& f);
Tensor guarded_quotient(const Located& g, const Located& x);
// 1 where the comparison holds, else 0, in the tape's element type; no gradient. NaN compares as
// IEEE 754 says.
Tensor equal(const Located& x, const Located& y);
Tensor not_equal(const Located& x, const Located& y);
Tensor less(const Located& x, const Located& y);
Tensor less_equal(const Located& x, const Located& y);
Tensor greater(const Located& x, const Located& y);
Tensor greater_equal(const Located& x, const Located& y);

inline Tensor operator+(const Located& x, const Located& y) { return add(x, y); }
inline Tensor operator-(const Located& x, const Located& y) { return subtract(x, y); }
inline Tensor operator*(const Located& x, const Located& y) { return multiply(x, y); }
inline Tensor operator/(const Located& x, const Located& y) { return divide(x, y); }
Tensor operator+(const Located& x, double y);
Tensor operator+(double x, const Located& y);
Tensor operator-(const Located& x, double y);
Tensor operator-(double x, const Located& y);
Tensor operator*(const Located& x, double y);
Tensor operator*(double x, const Located& y);
Tensor operator/(const Located& x, double y);
Tensor operator/(double x, const Located& y);
Tensor operator-(const Located& x);

// ---- Elementwise, one input ----
Tensor negate(const Located& x);
Tensor exp(const Located& x);
Tensor log(const Located& x);
Tensor log1p(const Located& x);
// Square root; the gradient at 0 is infinite, as the derivative is.
Tensor sqrt(const Located& x);
// 1/√x.
Tensor rsqrt(const Located& x);
// |x|; the gradient at 0 is 0.
Tensor abs(const Located& x);
// -1, 0 or 1; its gradient is 0 everywhere.
Tensor sign(const Located& x);
Tensor square(const Located& x);
Tensor reciprocal(const Located& x);
Tensor sin(const Located& x);
Tensor cos(const Located& x);
Tensor erf(const Located& x);
Tensor sigmoid(const Located& x);
Tensor tanh(const Located& x);
// max(x, 0); the gradient at 0 is 0.
Tensor relu(const Located& x);
// x for x > 0, else slope·x.
Tensor leaky_relu(const Located& x, double slope = 0.01);
// x for x > 0, else scale·(eˣ - 1).
Tensor elu(const Located& x, double scale = 1.0);
// x·Φ(x), Φ the normal distribution function (the exact form).
Tensor gelu(const Located& x);
// x·sigmoid(x).
Tensor silu(const Located& x);
// log(1 + eˣ).
Tensor softplus(const Located& x);
// x within [low, high]; the gradient is 1 inside and on the bounds, 0 outside.
Tensor clamp(const Located& x, double low, double high);

// ---- Products ----
struct Transposed {
  bool left = false;
  bool right = false;
};
// [m, k] · [k, n] → [m, n]; either side may be given transposed. Batched: [..., m, k] · [..., k,
// n], with the same leading extents, or a plain [k, n] on the right for all of them.
Tensor matmul(const Located& left, const Located& right, Transposed transposed = {});
// Σ x·y along an axis, which goes.
Tensor dot(const Located& x, const Located& y, int axis = -1);
// [m], [n] → [m, n].
Tensor outer(const Located& x, const Located& y);

// ---- Reductions. `axes` empty: over all. With keep_axes they stay as extents of 1. ----
Tensor sum(const Located& x, std::span<const int> axes, bool keep_axes = false);
Tensor sum(const Located& x, std::initializer_list<int> axes = {}, bool keep_axes = false);
Tensor mean(const Located& x, std::span<const int> axes, bool keep_axes = false);
Tensor mean(const Located& x, std::initializer_list<int> axes = {}, bool keep_axes = false);
// The product along an axis; its gradients are right at zeros too.
Tensor prod(const Located& x, int axis);
// The largest, the smallest along an axis. The gradient goes to the first of equals.
Tensor max(const Located& x, int axis = -1, bool keep_axis = false);
Tensor min(const Located& x, int axis = -1, bool keep_axis = false);
// log Σ eˣ along an axis, without overflow. Of -inf alone it is -inf, with gradient 0.
Tensor logsumexp(const Located& x, int axis = -1, bool keep_axis = false);
// Σ (x - mean)² / (n - correction). Throws ShapeError if n ≤ correction.
Tensor variance(const Located& x, std::initializer_list<int> axes = {}, int correction = 1,
                bool keep_axes = false);
// Euclidean, without overflow of the squares; the gradient at 0 is 0.
Tensor norm(const Located& x, std::span<const int> axes, bool keep_axes = false);
Tensor norm(const Located& x, std::initializer_list<int> axes = {}, bool keep_axes = false);
// The place of the largest along an axis, the first of equals; int64, no gradient. NaN counts as
// largest.
Tensor argmax(const Located& x, int axis = -1, bool keep_axis = false);
// Places that sort along the last axis, equals in their order; int64, no gradient. NaN counts as
// largest.
Tensor argsort(const Located& x, bool descending = false);
// Running sums along an axis.
Tensor cumsum(const Located& x, int axis = -1);

// Values and their places along the last axis.
struct ValuesAndPlaces {
  Tensor values;
  Tensor places;
};
ValuesAndPlaces sort(const Located& x, bool descending = false);
// The k largest, largest first.
ValuesAndPlaces top_k(const Located& x, Index k);

// ---- Shape ----
// One extent may be -1: what is left.
Tensor reshape(const Located& x, std::initializer_list<Index> extents);
Tensor reshape(const Located& x, std::span<const Index> extents);
Tensor reshape(const Located& x, const Shape& shape);
// Axes in another order; without one, the last two change places.
Tensor transpose(const Located& x, std::span<const int> order);
Tensor transpose(const Located& x, std::initializer_list<int> order = {});
Tensor broadcast_to(const Located& x, const Shape& shape);
Tensor concatenate(std::span<const Tensor> tensors, int axis = -1,
                   SourceLine line = SourceLine::here());
Tensor concatenate(std::initializer_list<Tensor> tensors, int axis = -1,
                   SourceLine line = SourceLine::here());
// New axis: n tensors of shape s → s with n at `axis`.
Tensor stack(std::span<const Tensor> tensors, int axis = 0, SourceLine line = SourceLine::here());
// Elements [start, stop) of an axis; negative ones count from the end.
Tensor slice(const Located& x, int axis, Index start, Index stop);
// Equal parts of an axis.
std::vector<Tensor> split(const Located& x, Index parts, int axis = -1);
// `before` and `after` copies of `value` around an axis.
Tensor pad(const Located& x, int axis, Index before, Index after, double value = 0.0);
// The matrices' lower triangle, zeros above diagonal k.
Tensor tril(const Located& x, Index diagonal = 0);

// ---- Rows by number ----
// table [n, ...], ids [...] → ids' shape with the table's rows in it. Throws ValueError for an id
// outside of [0, n).
Tensor gather_rows(const Located& table, const Located& ids);
// Zeros [rows, width] with values' rows [ids' shape, width] added at ids: the gradient of
// gather_rows of a matrix.
Tensor scatter_add_rows(const Located& ids, const Located& values, Index rows);
// Along an axis, element places[i] of x at i. Places have x's shape except along the axis.
Tensor take_along_axis(const Located& x, const Located& places, int axis = -1);
// ids [...] → [..., classes], 1 at the id; no gradient.
Tensor one_hot(const Located& ids, Index classes);
// ids [...] → 0 where the id is `padding`, else 1; no gradient.
Tensor padding_mask(const Located& ids, Index padding);

// ---- Softmax ----
Tensor softmax(const Located& x, int axis = -1);
Tensor log_softmax(const Located& x, int axis = -1);
// Softmax over the elements of the last axis whose mask is not 0; a row without any gives zeros.
Tensor masked_softmax(const Located& x, const Located& mask);

// ---- Normalisation, fused ----
// (x - mean) / √(variance + epsilon) over the last axis, the variance without correction. Source:
// Ba et al., 2016, equation 3.
Tensor layer_norm(const Located& x, double epsilon = 1e-5);
// Of x [batch, channels, ...]: each channel's shift (its first number), the mean of what is left of
// it, and the variance without correction, [channels, 3]; no gradient.
Tensor batch_moments(const Located& x);
// (x - mean) / √(variance + epsilon) · weight + bias, each channel of x [batch, channels, ...] by
// itself, with weight and bias [channels]. `moments` are batch_moments(x): gradients go through
// them to x. Source: Ioffe & Szegedy, ICML 2015.
Tensor batch_norm(const Located& x, const Located& moments, const Located& weight,
                  const Located& bias, double epsilon = 1e-5);
// The same with a mean and a variance [channels] that do not depend on x.
Tensor fixed_batch_norm(const Located& x, const Located& mean, const Located& variance,
                        const Located& weight, const Located& bias, double epsilon = 1e-5);

// ---- Steps of recurrent nets, fused ----
struct LstmState {
  Tensor hidden;  // [batch, hidden]
  Tensor cell;    // [batch, hidden]
};
// gates [batch, 4·hidden] are the sums before their functions, in PyTorch's order input, forget,
// candidate, output:
//   cell' = σ(f)·cell + σ(i)·tanh(g),   hidden' = σ(o)·tanh(cell')
// Source: Hochreiter & Schmidhuber 1997, with Gers et al.'s forget gate (2000).
LstmState lstm_cell(const Located& gates, const Located& cell);
// Sums [batch, 3·hidden] of the inputs' and of the hidden state's products with their weights and
// biases, in PyTorch's order reset, update, candidate:
//   r = σ(x_r + h_r),  z = σ(x_z + h_z),  n = tanh(x_n + r·h_n),   hidden' = (1 - z)·n + z·hidden
// Source: Cho et al., EMNLP 2014; r applies after the product, as in PyTorch.
Tensor gru_cell(const Located& input_sums, const Located& hidden_sums, const Located& hidden);

// ---- Attention, fused ----
struct AttentionOptions {
  Index heads = 1;  // side by side in the last axis
  // A query sees the keys up to its own place, the last query standing at the last key.
  bool causal = false;
  double dropout = 0.0;  // of the probabilities, in training mode
  // [batch, keys], 0 where a key is padding; or none. A query that sees nothing gives zeros.
  Tensor mask = {};
};
// softmax(q·kᵀ/√(width/heads))·v for each head: queries [batch, length, width], keys and values
// [batch, keys, width] → [batch, length, width]. Source: Vaswani et al., NeurIPS 2017, equation 1.
Tensor attention(const Located& query, const Located& key, const Located& value,
                 const AttentionOptions& options = {});

// ---- Images [batch, channels, height, width] ----
struct Conv2dOptions {
  std::array<Index, 2> stride = {1, 1};
  std::array<Index, 2> padding = {0, 0};  // zeros on each side
  std::array<Index, 2> dilation = {1, 1};
  Index groups = 1;
};
// Cross-correlation with weights [filters, channels/groups, height, width]: what is called a
// convolution in this field.
Tensor conv2d(const Located& images, const Located& weights, const Conv2dOptions& options = {});
struct Pool2dOptions {
  std::array<Index, 2> kernel = {2, 2};
  std::array<Index, 2> stride = {0, 0};  // 0: the window's extent
};
// The largest of each window; the gradient goes to the first of equals.
Tensor max_pool2d(const Located& images, const Pool2dOptions& options = {});
// The mean of each window.
Tensor avg_pool2d(const Located& images, const Pool2dOptions& options = {});

// ---- Losses, fused ----
enum class Reduction { mean, sum, none };
Tensor mean_squared_error(const Located& prediction, const Located& target,
                          Reduction reduction = Reduction::mean);
// ½e² for |e| ≤ delta, else delta·(|e| - ½delta).
Tensor huber(const Located& prediction, const Located& target, double delta = 1.0,
             Reduction reduction = Reduction::mean);
// -[y log σ(x) + (1-y) log(1-σ(x))], x the logits.
Tensor binary_cross_entropy_with_logits(const Located& logits, const Located& target,
                                        Reduction reduction = Reduction::mean);
struct CrossEntropyOptions {
  Index ignore_index = -100;     // rows of this class count for nothing
  double label_smoothing = 0.0;  // so much of the target is spread over all classes
  Tensor weights = {};           // [classes], or none
  Reduction reduction = Reduction::mean;
};
// logits [..., classes], classes [...] int64. The mean is weighted by the targets' weights, as in
// PyTorch; it is 0, with gradient 0, if no target counts, where PyTorch has NaN.
Tensor softmax_cross_entropy(const Located& logits, const Located& classes,
                             const CrossEntropyOptions& options = {});
struct LinearCrossEntropyOptions {
  Index ignore_index = -100;
  Reduction reduction = Reduction::mean;
};
// softmax_cross_entropy(matmul(x, weights, {.right = true}), classes) without the logits in memory,
// for large vocabularies: x [n, width], weights [classes, width], classes [n] int64. The mean is 0
// if no target counts.
Tensor linear_cross_entropy(const Located& x, const Located& weights, const Located& classes,
                            const LinearCrossEntropyOptions& options = {});
// Bayesian personalised ranking: -log σ(positive - negative). Source: Rendle et al., UAI 2009.
Tensor bpr(const Located& positive, const Located& negative, Reduction reduction = Reduction::mean);

// ---- Random ----
// A tensor of 0 with probability `rate` and 1/(1 - rate) otherwise, new for every step; no
// gradient.
Tensor dropout_mask(Tape& tape, const Shape& shape, double rate,
                    SourceLine line = SourceLine::here());
// x · dropout_mask in training mode, x itself otherwise. Throws ValueError unless 0 ≤ rate < 1.
Tensor dropout(const Located& x, double rate);

}  // namespace tapegrad
