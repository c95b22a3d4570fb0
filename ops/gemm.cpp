#include <tapegrad/ops/gemm.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <oneapi/dnnl/dnnl.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/scratch.h>
#include <tapegrad/ops/one_openmp_thread.h>

namespace tapegrad {
namespace {

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
  // The sum of each of `width` vectors, in their order: halves are added and woven together until
  // one vector is left.
  static Vector totals(const Vector (&v)[width]) {
    if constexpr (width == 8) {
      return weave4(weave2(weave1(v[0], v[1]), weave1(v[2], v[3])),
                    weave2(weave1(v[4], v[5]), weave1(v[6], v[7])));
    } else {
      return weave2(weave1(v[0], v[1]), weave1(v[2], v[3]));
    }
  }

 private:
  // Sums of neighbours at a distance of 1, 2 or 4: those of a in the first place, those of b in the
  // second.
  static Vector weave1(Vector a, Vector b) {
    if constexpr (width == 8)
      return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
             __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    else
      return __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
  }
  static Vector weave2(Vector a, Vector b) {
    if constexpr (width == 8)
      return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
             __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
    else
      return __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
  }
  static Vector weave4(Vector a, Vector b) {
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
           __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
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
void block(Index i, Index j, Index k, const Strided<T>& left, const T* right, Index right_pitch,
           T* output, Index pitch) {
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
    for (int c = 0; c < packs; ++c)
      P::store(output + (i + r) * pitch + j + c * P::width, sums[r][c]);
  }
}

template <class T, int rows>
void row_band(Index i, Index n, Index k, const Strided<T>& left, const T* right, Index right_pitch,
              T* output, Index pitch) {
  constexpr Index width = Pack<T>::width;
  Index j = 0;
  // Few rows need many columns in flight: a sum waits four cycles for its last addition.
  if constexpr (rows == 1) {
    for (; j + 8 * width <= n; j += 8 * width)
      block<T, rows, 8>(i, j, k, left, right, right_pitch, output, pitch);
  }
  if constexpr (rows <= 2) {
    for (; j + 4 * width <= n; j += 4 * width)
      block<T, rows, 4>(i, j, k, left, right, right_pitch, output, pitch);
  }
  for (; j + 2 * width <= n; j += 2 * width)
    block<T, rows, 2>(i, j, k, left, right, right_pitch, output, pitch);
  for (; j + width <= n; j += width)
    block<T, rows, 1>(i, j, k, left, right, right_pitch, output, pitch);
  for (; j < n; ++j) {
    for (int r = 0; r < rows; ++r) {
      T sum = 0;
      for (Index p = 0; p < k; ++p) sum += left.at(i + r, p) * right[p * right_pitch + j];
      output[(i + r) * pitch + j] = sum;
    }
  }
}

template <class T>
void product(Index m, Index n, Index k, const Strided<T>& left, const T* right, Index right_pitch,
             T* output, Index pitch) {
  Index i = 0;
  for (; i + 4 <= m; i += 4) row_band<T, 4>(i, n, k, left, right, right_pitch, output, pitch);
  for (; i + 2 <= m; i += 2) row_band<T, 2>(i, n, k, left, right, right_pitch, output, pitch);
  for (; i < m; ++i) row_band<T, 1>(i, n, k, left, right, right_pitch, output, pitch);
}

// Products of one row with a register's worth of rows of the right matrix, from row j on.
template <class T>
void dot_band(const T* row, Index j, Index k, const GemmOperand<T>& right, T* output) {
  using P = Pack<T>;
  typename P::Vector sums[P::width] = {};
  Index p = 0;
  for (; p + P::width <= k; p += P::width) {
    const auto factor = P::load(row + p);
    for (int c = 0; c < P::width; ++c)
      sums[c] += factor * P::load(right.data + (j + c) * right.pitch + p);
  }
  typename P::Vector totals = P::totals(sums);
  for (; p < k; ++p) {
    for (int c = 0; c < P::width; ++c) totals[c] += row[p] * right.data[(j + c) * right.pitch + p];
  }
  P::store(output + j, totals);
}

template <class T>
T dot_one(const T* left, const T* right, Index k) {
  constexpr int running = 16;
  T sums[running] = {};
  Index p = 0;
  for (; p + running <= k; p += running) {
    for (int i = 0; i < running; ++i) sums[i] += left[p + i] * right[p + i];
  }
  T total = 0;
  for (; p < k; ++p) total += left[p] * right[p];
  for (int width = running / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) sums[i] += sums[i + width];
  }
  return sums[0] + total;
}

// Few rows on a transposed right matrix.
template <class T>
void dots(Index m, Index n, Index k, const GemmOperand<T>& left, const GemmOperand<T>& right,
          T* output, Index pitch) {
  for (Index i = 0; i < m; ++i) {
    const T* row = left.data + i * left.pitch;
    Index j = 0;
    for (; j + Pack<T>::width <= n; j += Pack<T>::width)
      dot_band<T>(row, j, k, right, output + i * pitch);
    for (; j < n; ++j) output[i * pitch + j] = dot_one(row, right.data + j * right.pitch, k);
  }
}

// rows × columns dot products at a time: both sides are read along k, so that nothing need be
// packed or turned.
template <class T, int rows, int columns>
void dot_block(Index k, const T* left, Index left_pitch, const T* right, Index right_pitch,
               T* output, Index pitch) {
  using P = Pack<T>;
  typename P::Vector sums[rows][columns] = {};
  Index p = 0;
  for (; p + P::width <= k; p += P::width) {
    typename P::Vector values[columns];
    for (int c = 0; c < columns; ++c) values[c] = P::load(right + c * right_pitch + p);
    for (int r = 0; r < rows; ++r) {
      const auto factor = P::load(left + r * left_pitch + p);
      for (int c = 0; c < columns; ++c) sums[r][c] += factor * values[c];
    }
  }
  constexpr int count = (rows * columns + P::width - 1) / P::width * P::width;
  T totals[count];
  for (int first = 0; first < count; first += P::width) {
    typename P::Vector some[P::width] = {};
    for (int i = 0; i < P::width && first + i < rows * columns; ++i)
      some[i] = sums[(first + i) / columns][(first + i) % columns];
    P::store(totals + first, P::totals(some));
  }
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      T total = totals[r * columns + c];
      for (Index q = p; q < k; ++q) total += left[r * left_pitch + q] * right[c * right_pitch + q];
      output[r * pitch + c] = total;
    }
  }
}

template <class T, int columns>
void dot_columns(Index m, Index k, const GemmOperand<T>& left, const T* right, Index right_pitch,
                 T* output, Index pitch) {
  Index i = 0;
  for (; i + 4 <= m; i += 4)
    dot_block<T, 4, columns>(k, left.data + i * left.pitch, left.pitch, right, right_pitch,
                             output + i * pitch, pitch);
  for (; i < m; ++i)
    dot_block<T, 1, columns>(k, left.data + i * left.pitch, left.pitch, right, right_pitch,
                             output + i * pitch, pitch);
}

// left · rightᵀ with a long k: the sums across registers at the end of each dot product are then
// cheap.
template <class T>
void dot_product(Index m, Index n, Index k, const GemmOperand<T>& left, const GemmOperand<T>& right,
                 T* output, Index pitch) {
  Index j = 0;
  for (; j + 3 <= n; j += 3)
    dot_columns<T, 3>(m, k, left, right.data + j * right.pitch, right.pitch, output + j, pitch);
  for (; j < n; ++j)
    dot_columns<T, 1>(m, k, left, right.data + j * right.pitch, right.pitch, output + j, pitch);
}

template <class T>
void small_product(Index m, Index n, Index k, const GemmOperand<T>& left,
                   const GemmOperand<T>& right, T* output, Index pitch) {
  // One column is one row of the transposed product, whose kernels have more to do at a time.
  if (n == 1 && pitch == 1) {
    const Index step = right.transposed ? 1 : right.pitch;
    if (left.transposed) {
      product(1, m, k, Strided<T>{right.data, 0, step}, left.data, left.pitch, output, m);
      return;
    }
    if (step == 1) {
      dots(1, m, k, GemmOperand<T>{right.data, k}, left, output, m);
      return;
    }
  }
  const Strided<T> strided =
      left.transposed ? Strided<T>{left.data, 1, left.pitch} : Strided<T>{left.data, left.pitch, 1};
  if (!right.transposed) {
    product(m, n, k, strided, right.data, right.pitch, output, pitch);
    return;
  }
  if (m <= 3 && !left.transposed) {
    dots(m, n, k, left, right, output, pitch);
    return;
  }
  Scratch<T> memory(n * k);
  T* turned = memory.data();
  for (Index j = 0; j < n; ++j) {
    for (Index p = 0; p < k; ++p) turned[p * n + j] = right.data[j * right.pitch + p];
  }
  product(m, n, k, strided, turned, n, output, pitch);
}

constexpr Index longest_sum = 1024;  // terms of a product that are added in float

void short_gemm(Index m, Index n, Index k, const GemmOperand<float>& left,
                const GemmOperand<float>& right, float* output, Index pitch) {
  const bool few_rows = m <= 3 && (!right.transposed || !left.transposed);
  if (few_rows || n == 1 || k == 0 || m * n * k <= 24 * 1024) {
    small_product(m, n, k, left, right, output, pitch);
    return;
  }
  // The library turns the right matrix around first, which few rows do not pay for (measured: 101
  // against 65 GFLOP/s at 32 by 64 by 784, 82 against 32 at 20 by 10,000 by 200).
  const bool long_dots = m <= 128 && k >= 384;
  const bool few_dots = m <= 32 && n * k >= Index{1} << 20;
  if (right.transposed && !left.transposed && (long_dots || few_dots)) {
    dot_product(m, n, k, left, right, output, pitch);
    return;
  }
  const OneOpenMpThread guard;
  const dnnl_status_t status =
      dnnl_sgemm(left.transposed ? 'T' : 'N', right.transposed ? 'T' : 'N', m, n, k, 1.0F,
                 left.data, left.pitch, right.data, right.pitch, 0.0F, output, pitch);
  if (status != dnnl_success)
    throw ExecutionError(fmt::format("oneDNN refused a product of {}, {} and {}", m, k, n));
}

// The operand from term p of the sums on.
GemmOperand<float> left_from(GemmOperand<float> left, Index p) {
  left.data += left.transposed ? p * left.pitch : p;
  return left;
}
GemmOperand<float> right_from(GemmOperand<float> right, Index p) {
  right.data += right.transposed ? p : p * right.pitch;
  return right;
}

// Rows of an output are made a block at a time, so that the sums in double need little memory; the
// output holds one piece after the other.
void long_gemm(Index m, Index n, Index k, const GemmOperand<float>& left,
               const GemmOperand<float>& right, float* output, Index pitch) {
  constexpr Index block_elements = Index{1} << 17, least_rows = 128;
  const Index block_rows = std::min(m, std::max(least_rows, block_elements / n));
  Scratch<double> memory(block_rows * n);
  double* sums = memory.data();
  for (Index first = 0; first < m; first += block_rows) {
    const Index rows = std::min(block_rows, m - first);
    GemmOperand<float> own = left;
    own.data += left.transposed ? first : first * left.pitch;
    std::fill_n(sums, rows * n, 0.0);
    for (Index p = 0; p < k; p += longest_sum) {
      const bool last = p + longest_sum >= k;
      short_gemm(rows, n, std::min(longest_sum, k - p), left_from(own, p), right_from(right, p),
                 output + first * pitch, pitch);
      for (Index r = 0; r < rows; ++r) {
        float* __restrict piece = output + (first + r) * pitch;
        double* __restrict sum = sums + r * n;
        if (last)
          for (Index c = 0; c < n; ++c)
            piece[c] = static_cast<float>(sum[c] + static_cast<double>(piece[c]));
        else
          for (Index c = 0; c < n; ++c) sum[c] += static_cast<double>(piece[c]);
      }
    }
  }
}

}  // namespace

void gemm(Index m, Index n, Index k, const GemmOperand<float>& left,
          const GemmOperand<float>& right, float* output, Index pitch) {
  if (m == 0 || n == 0) return;
  if (k <= longest_sum)
    short_gemm(m, n, k, left, right, output, pitch);
  else
    long_gemm(m, n, k, left, right, output, pitch);
}

void gemm(Index m, Index n, Index k, const GemmOperand<double>& left,
          const GemmOperand<double>& right, double* output, Index pitch) {
  small_product(m, n, k, left, right, output, pitch);
}

}  // namespace tapegrad
