// Every built-in operation. A test compares the list with the files of this folder and walks it.
#pragma once

#include <span>

#include <tapegrad/graph/operation.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad {

// All of them: an explicit list, since objects that register themselves are lost in static
// libraries.
std::span<const Operation* const> catalogue();

extern const Operation abs_operation, add_operation, argmax_operation, argsort_operation,
    batched_matmul_operation;
extern const Operation bce_operation, bce_gradient_operation, broadcast_to_operation,
    clamp_operation, clamp_gradient_operation, concatenate_operation;
extern const Operation cos_operation, cross_entropy_operation, cross_entropy_gradient_operation,
    cumsum_operation, divide_operation;
extern const Operation dropout_mask_operation, elu_operation, elu_gradient_operation,
    equal_operation, erf_operation, exp_operation;
extern const Operation maximum_first_gradient_operation, maximum_second_gradient_operation,
    minimum_first_gradient_operation, minimum_second_gradient_operation, erf_gradient_operation,
    silu_gradient_operation, norm_direction_operation, prod_gradient_operation,
    logsumexp_gradient_operation;
extern const Operation doubly_guarded_product_operation, guarded_product_operation,
    guarded_quotient_operation;
extern const Operation gather_rows_operation, gelu_operation, gelu_gradient_operation,
    greater_operation, greater_equal_operation;
extern const Operation huber_operation, leaky_relu_operation, leaky_relu_gradient_operation,
    less_operation, less_equal_operation;
extern const Operation log_operation, log1p_operation, log_softmax_operation, logsumexp_operation,
    masked_softmax_operation;
extern const Operation matmul_operation, matmul_transposed_left_operation,
    matmul_transposed_right_operation, maximum_operation;
extern const Operation mean_squared_error_operation, squared_error_gradient_operation,
    minimum_operation, multiply_operation;
extern const Operation negate_operation, not_equal_operation, one_hot_operation, pad_operation,
    permute_operation, power_operation;
extern const Operation power_scalar_operation, prod_operation, put_along_axis_operation;
extern const Operation reciprocal_operation, relu_operation, relu_gradient_operation,
    reshape_operation, rsqrt_operation;
extern const Operation scatter_add_rows_operation, sigmoid_operation, sigmoid_gradient_operation,
    sign_operation, silu_operation;
extern const Operation sin_operation, slice_operation, softmax_operation,
    softmax_gradient_operation, softplus_operation;
extern const Operation sqrt_operation, square_operation, subtract_operation, sum_axis_operation,
    sum_last_operation;
extern const Operation sum_leading_operation, take_along_axis_operation, tanh_operation,
    tanh_gradient_operation, tril_operation;
extern const Operation where_operation, norm_operation, class_weights_operation;
extern const Operation lstm_cell_operation, lstm_cell_gradient_operation, gru_cell_operation,
    gru_cell_gradient_operation, layer_norm_operation, layer_norm_gradient_operation,
    batch_moments_operation, batch_norm_operation, batch_norm_sums_operation,
    batch_norm_input_gradient_operation, conv2d_operation, conv2d_image_gradient_operation,
    conv2d_weight_gradient_operation, max_pool2d_operation, max_pool2d_gradient_operation,
    avg_pool2d_operation, avg_pool2d_gradient_operation;
extern const Operation attention_operation, attention_gradient_operation, padding_mask_operation;
extern const Operation linear_cross_entropy_operation,
    linear_cross_entropy_input_gradient_operation, linear_cross_entropy_weight_gradient_operation;

// Functions of internal operations that the rules of several files emit.
Tensor sigmoid_gradient(const Located& gradient, const Located& y);
Tensor tanh_gradient(const Located& gradient, const Located& y);
Tensor relu_gradient(const Located& gradient, const Located& y);
Tensor batched_matmul(const Located& left, const Located& right, Transposed transposed);
// x·y; 0 where either is 0. For rules of gradients that are products with a gradient: an infinite
// outer gradient must not bring back what the inner one left out.
Tensor doubly_guarded_product(const Located& x, const Located& y);
// factor·Σ x over axes, for sums and means; errors are of `operation`.
Tensor scaled_sum(const char* operation, const Located& x, std::span<const int> axes,
                  bool keep_axes, double factor);
// y·(g - Σ g·y) along the last axis: the gradient of a softmax y.
Tensor softmax_gradient(const Located& gradient, const Located& y);
// Zeros with extent `extent` along the axis, values added at the places: the gradient of
// take_along_axis.
Tensor put_along_axis(const Located& places, const Located& values, int axis, Index extent);
// The factors of elements [first, first + count) of dropout_mask: 0 or 1/(1 - rate).
void dropout_factors(std::uint64_t seed, std::uint64_t step, Index ordinal, double rate,
                     Index first, Index count, float* factors);
void dropout_factors(std::uint64_t seed, std::uint64_t step, Index ordinal, double rate,
                     Index first, Index count, double* factors);
// dropout_mask with a number that an operation has drawn already.
Tensor dropout_mask_of(Tape& tape, const Shape& shape, double rate, std::uint32_t ordinal,
                       SourceLine line);

}  // namespace tapegrad
