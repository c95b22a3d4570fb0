#include <tapegrad/apps/tables/table_network.h>

#include <vector>

namespace tapegrad::apps {

Tensor EntrySums::sums(Tape& tape, const TableInputs& inputs, std::span<const Index> examples,
                       Index step) const {
  std::vector<Index> ids, offsets;
  std::vector<float> factors;
  for (const Index example : examples) {
    for (Index field = 0; field < inputs.fields; field += step) {
      offsets.push_back(static_cast<Index>(ids.size()));
      const auto at = static_cast<std::size_t>(example * inputs.fields + field);
      const Index first = inputs.offsets[at],
                  last = inputs.offsets[at + static_cast<std::size_t>(step)];
      for (Index entry = first; entry < last; ++entry) {
        const FeatureEntry& own = inputs.entries[static_cast<std::size_t>(entry)];
        ids.push_back(own.place);
        factors.push_back(own.value);
      }
    }
  }
  return table_(tape, ids, offsets, tape.input(factors, {static_cast<Index>(factors.size())}));
}

}  // namespace tapegrad::apps
