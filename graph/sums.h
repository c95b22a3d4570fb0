// Sums for kernels. At most 16 terms meet in one float; everything above is added in double. So the
// error of a float sum stays below 16·2⁻²⁴·Σ|x| however long it is. Blocks are counted from the
// first term, so the bits depend on no thread count.
#pragma once

#include <algorithm>

#include <tapegrad/graph/dtype.h>

namespace tapegrad {

// How many terms may be added in float before the sum moves on to double.
inline constexpr Index float_terms = 16;

// Σ f(i) over i in [0, count). Sixteen lanes, so that the loop vectorises.
template <class T, class Function>
double sum_of(Index count, const Function& f) {
  constexpr Index lanes = 16;
  // Short sums need no double: 12 terms a lane, four levels of adding the lanes and the rest are 16
  // roundings.
  constexpr Index short_count = lanes * (float_terms - 4);
  const Index whole = count - count % lanes;
  T rest = 0;
  if (count <= short_count) {
    T sums[lanes] = {};
    for (Index i = 0; i < whole; i += lanes) {
      for (Index j = 0; j < lanes; ++j) sums[j] += f(i + j);
    }
    for (Index i = whole; i < count; ++i) rest += f(i);
    for (Index width = lanes / 2; width > 0; width /= 2) {
      for (Index j = 0; j < width; ++j) sums[j] += sums[j + width];
    }
    return static_cast<double>(sums[0] + rest);
  }
  double totals[lanes] = {};
  for (Index i = 0; i < whole;) {
    const Index end = std::min(whole, i + lanes * float_terms);
    T sums[lanes] = {};
    for (; i < end; i += lanes) {
      for (Index j = 0; j < lanes; ++j) sums[j] += f(i + j);
    }
    for (Index j = 0; j < lanes; ++j) totals[j] += static_cast<double>(sums[j]);
  }
  for (Index i = whole; i < count; ++i) rest += f(i);
  for (Index width = lanes / 2; width > 0; width /= 2) {
    for (Index j = 0; j < width; ++j) totals[j] += totals[j + width];
  }
  return totals[0] + static_cast<double>(rest);
}

namespace sums_detail {

// Columns that are summed together: their sums stay in the first cache.
inline constexpr Index tile = 256;

// to[c] = Σ row(i)[c] over at most float_terms rows [first, last) and columns [begin, begin +
// columns).
template <class T, class Row>
void add_few_rows(Index first, Index last, Index begin, Index columns, const Row& row,
                  T* __restrict to) {
  Index i = first;
  if (last - first >= 4) {
    const T *a = row(i) + begin, *b = row(i + 1) + begin, *c = row(i + 2) + begin,
            *d = row(i + 3) + begin;
    for (Index k = 0; k < columns; ++k) to[k] = (a[k] + b[k]) + (c[k] + d[k]);
    i += 4;
  } else {
    const T* a = row(i) + begin;
    for (Index k = 0; k < columns; ++k) to[k] = a[k];
    ++i;
  }
  for (; i + 4 <= last; i += 4) {
    const T *a = row(i) + begin, *b = row(i + 1) + begin, *c = row(i + 2) + begin,
            *d = row(i + 3) + begin;
    for (Index k = 0; k < columns; ++k) to[k] += (a[k] + b[k]) + (c[k] + d[k]);
  }
  for (; i < last; ++i) {
    const T* a = row(i) + begin;
    for (Index k = 0; k < columns; ++k) to[k] += a[k];
  }
}

}  // namespace sums_detail

// to[c] = factor · Σ row(i)[c] over i in [0, count), for each of `columns`; row(i) points at the
// numbers of a row, none of which `to` may overlap.
template <class T, class Row>
void sum_rows(Index count, Index columns, const Row& row, T* __restrict to, double factor = 1.0) {
  constexpr Index tile = sums_detail::tile;
  if (count == 0) {
    std::fill_n(to, columns, T{0});
    return;
  }
  T part[tile];
  double totals[tile];
  for (Index begin = 0; begin < columns; begin += tile) {
    const Index width = std::min(tile, columns - begin);
    if (count <= float_terms) {
      sums_detail::add_few_rows(0, count, begin, width, row, to + begin);
      if (factor == 1.0) continue;
      for (Index k = 0; k < width; ++k)
        to[begin + k] = static_cast<T>(static_cast<double>(to[begin + k]) * factor);
      continue;
    }
    std::fill_n(totals, width, 0.0);
    for (Index first = 0; first < count; first += float_terms) {
      sums_detail::add_few_rows(first, std::min(count, first + float_terms), begin, width, row,
                                part);
      for (Index k = 0; k < width; ++k) totals[k] += static_cast<double>(part[k]);
    }
    for (Index k = 0; k < width; ++k) to[begin + k] = static_cast<T>(totals[k] * factor);
  }
}

}  // namespace tapegrad
