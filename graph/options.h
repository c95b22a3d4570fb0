// What a tape is asked to do besides recording.
#pragma once

#include <cstddef>
#include <cstdint>

#include <tapegrad/graph/dtype.h>

namespace tapegrad {

struct TapeOptions {
  Dtype dtype = Dtype::float32;  // of everything but ids
  int threads = 0;               // at most so many at once; 0: as many as oneTBB sees
  std::uint64_t seed = 0;        // of random operations
  bool training = true;          // layers such as dropout ask for it

  bool eager = false;         // run each node when it is recorded: slow, for debugging
  bool check_finite = false;  // throw at the first node that holds a NaN or an infinity
  // Throw at the first node that holds a NaN; infinities pass, since masks make -inf.
  bool check_nan = false;
  bool profile = false;  // keep times of the runs, for write_chrome_trace and write_graphviz

  // What the planner may do. None changes results by more than rounding.
  bool batching = true;  // run like nodes together
  bool merging = true;   // one product for the gradients of a weight used many times
  bool fusion = true;    // chains of elementwise work in one pass
  bool views = true;     // slices and reshapes without copies

  bool plan_cache = true;
  std::size_t plan_cache_bytes = std::size_t{512} << 20;
};

}  // namespace tapegrad
