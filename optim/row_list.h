// Rows in the order in which they were last touched.
#pragma once

#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::optim {

// A linked list of rows [0, count), each in it once or not at all; every operation takes constant time.
class RowList {
 public:
  void reset(Index count) {
    next_.assign(static_cast<std::size_t>(count) + 1, outside);
    previous_.assign(next_.size(), outside);
    end_ = count;
    next_.back() = previous_.back() = end_;
  }
  // The first row, and the one after another; end() where there is none.
  Index front() const { return next_[at(end_)]; }
  Index after(Index row) const { return next_[at(row)]; }
  Index end() const { return end_; }
  bool contains(Index row) const { return next_[at(row)] != outside; }

  // Moves the row to the end, or puts it there.
  void touch(Index row) {
    remove(row);
    const Index last = previous_[at(end_)];
    next_[at(last)] = previous_[at(end_)] = row;
    previous_[at(row)] = last;
    next_[at(row)] = end_;
  }
  void remove(Index row) {
    if (!contains(row)) return;
    next_[at(previous_[at(row)])] = next_[at(row)];
    previous_[at(next_[at(row)])] = previous_[at(row)];
    next_[at(row)] = outside;
  }

 private:
  static constexpr Index outside = -1;
  static std::size_t at(Index row) { return static_cast<std::size_t>(row); }

  std::vector<Index> next_, previous_;  // of each row, and of the end, which comes before the first
  Index end_ = 0;
};

}  // namespace tapegrad::optim
