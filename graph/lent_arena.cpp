#include <tapegrad/graph/lent_arena.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace tapegrad {
namespace {

struct Pool {
  std::mutex mutex;
  std::map<int, std::vector<std::unique_ptr<tbb::task_arena>>> by_threads;
};

// Never destroyed: whoever has an arena may be static too, and oneTBB may end first.
Pool& pool() {
  static Pool* const pool = new Pool;
  return *pool;
}

}  // namespace

LentArena::LentArena(int threads) : threads_(threads > 0 ? threads : tbb::task_arena::automatic) {
  {
    const std::lock_guard lock(pool().mutex);
    auto& free = pool().by_threads[threads_];
    if (!free.empty()) {
      arena_ = std::move(free.back());
      free.pop_back();
      return;
    }
  }
  arena_ = std::make_unique<tbb::task_arena>(threads_);
}

LentArena::~LentArena() {
  const std::lock_guard lock(pool().mutex);
  pool().by_threads[threads_].push_back(std::move(arena_));
}

}  // namespace tapegrad
