// Products of matrices for kernels: oneDNN's where it is fastest, our own for few rows and small
// sizes.
#pragma once

#include <tapegrad/graph/dtype.h>

namespace tapegrad {

template <class T>
struct GemmOperand {
  const T* data = nullptr;
  Index pitch = 0;          // elements from row to row as stored
  bool transposed = false;  // stored [k, m] (left) or [n, k] (right)
};

// output [m, n] = left [m, k] · right [k, n]; `pitch` is the output's. One thread; the same sizes
// give the same bits. Sums over k are cut into pieces of at most 1,024 terms, which are added in
// double.
void gemm(Index m, Index n, Index k, const GemmOperand<float>& left,
          const GemmOperand<float>& right, float* output, Index pitch);
void gemm(Index m, Index n, Index k, const GemmOperand<double>& left,
          const GemmOperand<double>& right, double* output, Index pitch);

// Nanoseconds of a product, for the planner.
constexpr double gemm_cost(Index m, Index n, Index k) {
  return 60.0 +
         2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) / 50.0;
}

}  // namespace tapegrad
