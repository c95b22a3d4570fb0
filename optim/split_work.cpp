#include <tapegrad/optim/split_work.h>

#include <algorithm>

#include <oneapi/tbb/parallel_for.h>

#include <tapegrad/graph/lent_arena.h>
#include <tapegrad/graph/thread_state.h>

namespace tapegrad::optim {

void split_referred(int threads, Index count, Index grain,
                    const std::function<void(Index, Index)>& body) {
  const FlushDenormals outer;
  if (count <= grain || threads == 1) {
    body(0, count);
    return;
  }
  const Index parts = (count + grain - 1) / grain;
  LentArena arena(threads);
  arena.execute([&] {
    tbb::parallel_for(
        Index{0}, parts,
        [&](Index part) {
          const FlushDenormals flush;
          body(part * grain, std::min(count, (part + 1) * grain));
        },
        tbb::simple_partitioner());
  });
}

}  // namespace tapegrad::optim
