#include <tapegrad/ops/gemm.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <oneapi/dnnl/dnnl.h>

#include <tapegrad/graph/error.h>

// OpenMP's own interface, which its header declares in the same way; the header is not on every compiler's path.
extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int count);
}

namespace tapegrad {
namespace {

// oneDNN would start OpenMP's threads beside oneTBB's; the setting is this thread's alone and is given back.
class OneOpenMpThread {
 public:
  OneOpenMpThread() : outer_(omp_get_max_threads()) {
    if (outer_ != 1) omp_set_num_threads(1);
  }
  ~OneOpenMpThread() {
    if (outer_ != 1) omp_set_num_threads(outer_);
  }
  OneOpenMpThread(const OneOpenMpThread&) = delete;
  OneOpenMpThread& operator=(const OneOpenMpThread&) = delete;

 private:
  int outer_;
};

// 32 bytes that the compiler keeps in one register.
template <class T>
struct Pack {
  typedef T Vector __attribute__((vector_size(32)));
  static constexpr Index width = 32 / sizeof(T);
  static Vector load(const T* from) {
    Vector value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }
  static void store(T* to, Vector value) { std::memcpy(to, &value, sizeof value); }
  static T total(Vector value) {
    T sum = 0;
    for (Index i = 0; i < width; ++i) sum += value[i];
    return sum;
  }
};

// The left matrix by strides, so that one kernel serves it transposed too.
template <class T>
struct Strided {
  const T* data;
  Index row, column;
  T at(Index i, Index p) const { return data[i * row + p * column]; }
};

// Rows [i, i + rows) of the output, columns in registers for the whole sum over p.
template <class T, int rows, int packs>
void block(Index i, Index j, Index k, const Strided<T>& left, const T* right, Index right_pitch, T* output, Index pitch) {
  using P = Pack<T>;
  typename P::Vector sums[rows][packs] = {};
  for (Index p = 0; p < k; ++p) {
    const T* from = right + p * right_pitch + j;
    typename P::Vector values[packs];
    for (int c = 0; c < packs; ++c) values[c] = P::load(from + c * P::width);
    for (int r = 0; r < rows; ++r) {
      const T factor = left.at(i + r, p);
      for (int c = 0; c < packs; ++c) sums[r][c] += factor * values[c];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < packs; ++c) P::store(output + (i + r) * pitch + j + c * P::width, sums[r][c]);
  }
}

template <class T, int rows>
void row_band(Index i, Index n, Index k, const Strided<T>& left, const T* right, Index right_pitch, T* output, Index pitch) {
  constexpr Index width = Pack<T>::width;
  Index j = 0;
  // Few rows need many columns in flight: a sum waits four cycles for its last addition.
  if constexpr (rows == 1) {
    for (; j + 8 * width <= n; j += 8 * width) block<T, rows, 8>(i, j, k, left, right, right_pitch, output, pitch);
  }
  if constexpr (rows <= 2) {
    for (; j + 4 * width <= n; j += 4 * width) block<T, rows, 4>(i, j, k, left, right, right_pitch, output, pitch);
  }
  for (; j + 2 * width <= n; j += 2 * width) block<T, rows, 2>(i, j, k, left, right, right_pitch, output, pitch);
  for (; j + width <= n; j += width) block<T, rows, 1>(i, j, k, left, right, right_pitch, output, pitch);
  for (; j < n; ++j) {
    for (int r = 0; r < rows; ++r) {
      T sum = 0;
      for (Index p = 0; p < k; ++p) sum += left.at(i + r, p) * right[p * right_pitch + j];
      output[(i + r) * pitch + j] = sum;
    }
  }
}

template <class T>
void product(Index m, Index n, Index k, const Strided<T>& left, const T* right, Index right_pitch, T* output, Index pitch) {
  Index i = 0;
  for (; i + 4 <= m; i += 4) row_band<T, 4>(i, n, k, left, right, right_pitch, output, pitch);
  for (; i + 2 <= m; i += 2) row_band<T, 2>(i, n, k, left, right, right_pitch, output, pitch);
  for (; i < m; ++i) row_band<T, 1>(i, n, k, left, right, right_pitch, output, pitch);
}

// Products of one row with `count` rows of the right matrix, from row j on.
template <class T, int count>
void dot_band(const T* row, Index j, Index k, const GemmOperand<T>& right, T* output) {
  using P = Pack<T>;
  typename P::Vector sums[count] = {};
  T rests[count] = {};
  Index p = 0;
  for (; p + P::width <= k; p += P::width) {
    const auto factor = P::load(row + p);
    for (int c = 0; c < count; ++c) sums[c] += factor * P::load(right.data + (j + c) * right.pitch + p);
  }
  for (; p < k; ++p) {
    for (int c = 0; c < count; ++c) rests[c] += row[p] * right.data[(j + c) * right.pitch + p];
  }
  for (int c = 0; c < count; ++c) output[j + c] = P::total(sums[c]) + rests[c];
}

// Few rows on a transposed right matrix.
template <class T>
void dots(Index m, Index n, Index k, const GemmOperand<T>& left, const GemmOperand<T>& right, T* output, Index pitch) {
  for (Index i = 0; i < m; ++i) {
    const T* row = left.data + i * left.pitch;
    Index j = 0;
    for (; j + 8 <= n; j += 8) dot_band<T, 8>(row, j, k, right, output + i * pitch);
    for (; j < n; ++j) dot_band<T, 1>(row, j, k, right, output + i * pitch);
  }
}

template <class T>
void small_product(Index m, Index n, Index k, const GemmOperand<T>& left, const GemmOperand<T>& right, T* output, Index pitch) {
  const Strided<T> strided = left.transposed ? Strided<T>{left.data, 1, left.pitch} : Strided<T>{left.data, left.pitch, 1};
  if (!right.transposed) {
    product(m, n, k, strided, right.data, right.pitch, output, pitch);
    return;
  }
  if (m <= 3 && !left.transposed) {
    dots(m, n, k, left, right, output, pitch);
    return;
  }
  thread_local std::vector<T> turned;
  turned.resize(static_cast<std::size_t>(n * k));
  for (Index j = 0; j < n; ++j) {
    for (Index p = 0; p < k; ++p) turned[static_cast<std::size_t>(p * n + j)] = right.data[j * right.pitch + p];
  }
  product(m, n, k, strided, turned.data(), n, output, pitch);
}

}  // namespace

void gemm(Index m, Index n, Index k, const GemmOperand<float>& left, const GemmOperand<float>& right, float* output,
          Index pitch) {
  if (m == 0 || n == 0) return;
  const bool few_rows = m <= 3 && (!right.transposed || !left.transposed);
  if (few_rows || n == 1 || k == 0 || m * n * k <= 24 * 1024) {
    small_product(m, n, k, left, right, output, pitch);
    return;
  }
  const OneOpenMpThread guard;
  const dnnl_status_t status = dnnl_sgemm(left.transposed ? 'T' : 'N', right.transposed ? 'T' : 'N', m, n, k, 1.0F, left.data,
                                          left.pitch, right.data, right.pitch, 0.0F, output, pitch);
  if (status != dnnl_success) throw ExecutionError(fmt::format("oneDNN refused a product of {}, {} and {}", m, k, n));
}

void gemm(Index m, Index n, Index k, const GemmOperand<double>& left, const GemmOperand<double>& right, double* output,
          Index pitch) {
  small_product(m, n, k, left, right, output, pitch);
}

}  // namespace tapegrad
