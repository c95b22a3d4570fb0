// Loops of updates over several threads.
#pragma once

#include <functional>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::optim {

// Calls body(begin, end) on parts of [0, count); the parts do not depend on the number of threads. 0 threads: as many as there
// are.
void split_work(int threads, Index count, Index grain, const std::function<void(Index, Index)>& body);

}  // namespace tapegrad::optim
