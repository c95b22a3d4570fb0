#include <tapegrad/ops/catalogue.h>

namespace tapegrad {

std::span<const Operation* const> catalogue() {
  static constexpr const Operation* all[] = {
      &abs_operation, &add_operation, &argmax_operation, &argsort_operation, &batched_matmul_operation, &bce_operation,
      &bce_gradient_operation, &broadcast_to_operation, &clamp_operation, &concatenate_operation, &cos_operation,
      &cross_entropy_operation, &cross_entropy_gradient_operation, &cumsum_operation, &divide_operation, &dropout_mask_operation,
      &elu_operation, &elu_gradient_operation, &equal_operation, &erf_operation, &exp_operation, &gather_rows_operation,
      &gelu_operation, &gelu_gradient_operation, &greater_operation, &greater_equal_operation, &huber_operation,
      &leaky_relu_operation, &leaky_relu_gradient_operation, &less_operation, &less_equal_operation, &log_operation,
      &log1p_operation, &log_softmax_operation, &logsumexp_operation, &masked_softmax_operation, &matmul_operation,
      &matmul_transposed_left_operation, &matmul_transposed_right_operation, &maximum_operation, &mean_squared_error_operation,
      &squared_error_gradient_operation, &minimum_operation, &multiply_operation, &negate_operation, &not_equal_operation,
      &one_hot_operation, &pad_operation, &permute_operation, &power_operation, &power_scalar_operation, &prod_operation,
      &products_of_others_operation, &put_along_axis_operation, &reciprocal_operation, &relu_operation, &relu_gradient_operation,
      &reshape_operation, &rsqrt_operation, &scatter_add_rows_operation, &sigmoid_operation, &sigmoid_gradient_operation,
      &sign_operation, &silu_operation, &sin_operation, &slice_operation, &softmax_operation, &softmax_gradient_operation,
      &softplus_operation, &sqrt_operation, &square_operation, &subtract_operation, &sum_axis_operation, &sum_last_operation,
      &sum_leading_operation, &take_along_axis_operation, &tanh_operation, &tanh_gradient_operation, &tril_operation,
      &where_operation, &zero_safe_reciprocal_operation, &norm_operation, &class_weights_operation};
  return all;
}

}  // namespace tapegrad
