#include <tapegrad/nn/sampled_hits.h>

#include <unordered_map>
#include <vector>

#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor sampled_hits(Tape& tape, std::span<const Index> targets, std::span<const Index> negatives,
                    SourceLine line) {
  // The comparison is one of floating-point numbers. Ids may be too large for these, the places of
  // distinct negatives are not.
  std::unordered_map<Index, Index> places;
  std::vector<double> rows, columns;
  for (const Index id : negatives)
    columns.push_back(
        static_cast<double>(places.emplace(id, static_cast<Index>(places.size())).first->second));
  for (const Index id : targets) {
    const auto found = places.find(id);
    rows.push_back(found == places.end() ? -1.0 : static_cast<double>(found->second));
  }
  const auto count = [](std::span<const Index> ids) { return static_cast<Index>(ids.size()); };
  return equal(Located(tape.input(rows, {count(targets), 1}, line), line),
               tape.input(columns, {1, count(negatives)}, line));
}

}  // namespace tapegrad::nn
