// oneTBB's arenas, lent out.
#pragma once

#include <memory>

#include <oneapi/tbb/task_arena.h>

namespace tapegrad {

// An arena of so many threads, 0: as many as there are cores. Nobody else has it at the same time,
// so that two who compute do not wait for each other. It goes back at the end, and is lent again:
// oneTBB keeps some kilobytes of every arena that is destroyed (seen with 2021.8), so that a
// program with an arena for each tape or each loop would grow without bound. There are as many as
// were lent at one time.
class LentArena {
 public:
  explicit LentArena(int threads);
  ~LentArena();
  LentArena(const LentArena&) = delete;
  LentArena& operator=(const LentArena&) = delete;

  template <class Body>
  void execute(const Body& body) {
    arena_->execute(body);
  }

 private:
  int threads_;
  std::unique_ptr<tbb::task_arena> arena_;
};

}  // namespace tapegrad
