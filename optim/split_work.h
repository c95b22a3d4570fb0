// Loops of updates over several threads.
#pragma once

#include <functional>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::optim {

// What split_work() does, with a body that is only referred to: a function that owns it would
// allocate.
void split_referred(int threads, Index count, Index grain,
                    const std::function<void(Index, Index)>& body);

// Calls body(begin, end) on parts of [0, count); the parts do not depend on the number of threads.
// 0 threads: as many as there are.
template <class Body>
void split_work(int threads, Index count, Index grain, const Body& body) {
  split_referred(threads, count, grain, std::cref(body));
}

}  // namespace tapegrad::optim
