#include <tapegrad/nn/carried_state.h>

#include <cstring>

#include <fmt/format.h>

namespace tapegrad::nn {

RecurrentState CarriedState::begin(Tape& tape, const Recurrent& layer, Index batch,
                                   SourceLine line) const {
  if (arrays_.empty()) return layer.initial_state(tape, batch, line);
  RecurrentState state;
  for (const auto& arrays : arrays_) {
    auto& cell = state.emplace_back();
    for (const Array& array : arrays) cell.push_back(tape.input(array, line));
  }
  return state;
}

void CarriedState::keep(const RecurrentState& state) {
  kept_ = state;
  for (const auto& cell : state) {
    for (const Tensor& tensor : cell) tensor.tape().keep(tensor);
  }
}

void CarriedState::take() {
  arrays_.resize(kept_.size());
  for (std::size_t cell = 0; cell < kept_.size(); ++cell) {
    arrays_[cell].resize(kept_[cell].size());
    for (std::size_t i = 0; i < kept_[cell].size(); ++i) {
      const Tensor& tensor = kept_[cell][i];
      Array& array = arrays_[cell][i];
      if (array.shape() != tensor.shape() || array.dtype() != tensor.dtype())
        array = Array(tensor.shape(), tensor.dtype());
      const void* values = tensor.dtype() == Dtype::float64
                               ? static_cast<const void*>(tensor.values<double>().data())
                               : static_cast<const void*>(tensor.values<float>().data());
      copy_bytes(array.data(), values, array.bytes());
    }
  }
}

std::map<std::string, Array> CarriedState::values() const {
  std::map<std::string, Array> all;
  for (std::size_t cell = 0; cell < arrays_.size(); ++cell) {
    for (std::size_t i = 0; i < arrays_[cell].size(); ++i)
      all.emplace(fmt::format("{}.{}", cell, i), arrays_[cell][i]);
  }
  return all;
}

void CarriedState::restore(const std::map<std::string, Array>& values) {
  std::vector<std::vector<Array>> arrays;
  const auto find = [&](std::size_t cell, std::size_t i) {
    return values.find(fmt::format("{}.{}", cell, i));
  };
  while (find(arrays.size(), 0) != values.end()) {
    auto& cell = arrays.emplace_back();
    for (auto found = find(arrays.size() - 1, 0); found != values.end();
         found = find(arrays.size() - 1, cell.size()))
      cell.push_back(found->second);
  }
  arrays_ = std::move(arrays);
}

}  // namespace tapegrad::nn
