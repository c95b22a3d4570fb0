// Examples as sparse rows of numbers.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/data/features.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Row i has entries [offsets[i], offsets[i + 1]), whose places ascend within [0, width).
struct SparseExamples {
  Index width = 0;
  std::vector<Index> offsets{0};
  std::vector<FeatureEntry> entries;

  Index count() const { return static_cast<Index>(offsets.size()) - 1; }
  std::span<const FeatureEntry> row(Index i) const {
    const auto at = static_cast<std::size_t>(i);
    return std::span(entries).subspan(static_cast<std::size_t>(offsets[at]),
                                      static_cast<std::size_t>(offsets[at + 1] - offsets[at]));
  }
  void add(std::span<const FeatureEntry> row) {
    entries.insert(entries.end(), row.begin(), row.end());
    offsets.push_back(static_cast<Index>(entries.size()));
  }
};

}  // namespace tapegrad::apps
