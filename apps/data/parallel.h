#pragma once

#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>

#include <tapegrad/graph/dtype.h>
#include <tapegrad/graph/lent_arena.h>
#include <algorithm>

namespace tapegrad::apps {

// Runs `body(first, last)` over pieces of 0 .. count - 1 that are not cut below `grain`, on at most
// `threads` threads.
//
// How the range is cut depends on the threads; a body that writes each position by itself gives the
// same bits for any number of them. What a body throws comes through.
template <typename Body>
void parallel_ranges(Index count, Index grain, int threads, const Body& body) {
  // More threads than cores gain nothing, and TBB would warn.
  LentArena arena(std::min(threads, tbb::info::default_concurrency()));
  arena.execute([&] {
    tbb::parallel_for(
        tbb::blocked_range<Index>(0, count, static_cast<std::size_t>(grain)),
        [&](const tbb::blocked_range<Index>& range) { body(range.begin(), range.end()); });
  });
}

}  // namespace tapegrad::apps
