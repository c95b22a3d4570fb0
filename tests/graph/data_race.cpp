// A race on purpose, for the thread sanitizer to catch; and a program without one, for it to pass
// over, which it does only if oneTBB is instrumented, too.
// usage: data_race [with | without]
#include <atomic>
#include <cstdio>
#include <numeric>
#include <string_view>
#include <vector>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace {

// Two tasks that are sure to be on two threads: each waits for the other. Relaxed, so that the
// waiting orders nothing.
template <class Body>
void on_two_threads(const Body& body) {
  std::atomic<int> there{0};
  tbb::task_arena arena(2);
  arena.execute([&] {
    tbb::parallel_for(
        0, 2,
        [&](int i) {
          there.fetch_add(1, std::memory_order_relaxed);
          while (there.load(std::memory_order_relaxed) < 2) {
          }
          body(i);
        },
        tbb::simple_partitioner());
  });
}

}  // namespace

int main(int argc, char** argv) {
  const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
  const bool racing = argc > 1 && std::string_view(argv[1]) == "with";
  std::vector<int> sums(2);
  on_two_threads([&](int i) {
    for (int k = 0; k < 1000; ++k) ++sums[racing ? 0 : static_cast<std::size_t>(i)];
  });
  std::printf("%d\n", std::accumulate(sums.begin(), sums.end(), 0));
  return 0;
}
