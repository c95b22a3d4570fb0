#include <tapegrad/apps/models/input_parts.h>

#include <cstddef>

namespace tapegrad::apps {

WeightedParts::Some WeightedParts::of(Tape& tape, InputKind kind) const {
  Some some;
  std::vector<Index> places;
  std::vector<float> values;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].kind != kind) continue;
    some.numbers.push_back(parts_[i].number);
    places.push_back(static_cast<Index>(i));
    values.push_back(parts_[i].value);
  }
  if (places.empty()) return some;
  const auto count = static_cast<Index>(places.size());
  some.weights = gather_rows(reshape(strengths_, {-1, 1}), tape.ids(places, {count})) *
                 tape.input(values, {count, 1});
  return some;
}

Tensor WeightedParts::sum(Tape& tape, InputKind kind, const Parameter& table) const {
  const Some some = of(tape, kind);
  if (some.numbers.empty()) {
    const std::vector<float> zeros(static_cast<std::size_t>(table.shape()[1]), 0.0F);
    return tape.input(zeros, {1, table.shape()[1]});
  }
  return reshape(
      tapegrad::sum(gather_rows(tape(table), tape.ids(some.numbers)) * some.weights, {0}), {1, -1});
}

}  // namespace tapegrad::apps
