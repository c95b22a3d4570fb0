#include <tapegrad/apps/training/carried_lanes.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

void restore_carried(nn::CarriedState& carried, const nn::Recurrent& layers, Index lanes,
                     const std::map<std::string, Array>& state) {
  Tape tape(TapeOptions{.threads = 1});
  std::size_t known = 0;
  const nn::RecurrentState expected = layers.initial_state(tape, lanes);
  for (std::size_t cell = 0; cell < expected.size(); ++cell) {
    for (std::size_t i = 0; i < expected[cell].size(); ++i, ++known) {
      const auto found = state.find(fmt::format("{}.{}", cell, i));
      if (found == state.end()) throw DataError(fmt::format("it lacks source/{}.{}", cell, i));
      const Tensor& own = expected[cell][i];
      if (found->second.shape() != own.shape() || found->second.dtype() != own.dtype())
        throw DataError(fmt::format("source/{}.{} is {} of shape {}, expected {} of {}", cell, i,
                                    name_of(found->second.dtype()),
                                    found->second.shape().to_string(), name_of(own.dtype()),
                                    own.shape().to_string()));
    }
  }
  if (state.size() != known)
    throw DataError(fmt::format("its source/ are {} arrays, expected {}", state.size(), known));
  carried.restore(state);
}

}  // namespace tapegrad::apps
