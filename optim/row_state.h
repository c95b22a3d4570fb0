// Row-sparse updates that equal the dense rule's: rows without a gradient move on paper only, until somebody reads them.
//
// A rule whose step without a gradient is linear in what it keeps of a row (Adam's and momentum's are, given the second moment)
// moves a row that had its last gradient at step s, by step t, to
//   w(t) = w(s)·decay(s, t) - f(state(s); s, t),
// so a row keeps w(s), its state and s, and w(t) is computed from these whenever it is wanted: the bits do not depend on when, or
// how often, rows are read. Numbers that somebody else sets, by hand or with another optimizer, take the place of w(t) at the
// next update.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/optim/optimizer.h>
#include <tapegrad/optim/split_work.h>

namespace tapegrad::optim {

// The base of rules that may owe rows something. Dense until the first row-sparse gradient comes.
class RowState : public ParameterState, public PendingRows, public std::enable_shared_from_this<RowState> {
 public:
  RowState(Parameter& parameter, int threads) : parameter_(parameter), threads_(threads) {
    rates_.reserve(1024);  // grows seldom, then
  }

  void update(const GradientEntry& entry, double factor, double learning_rate) final;
  void settle(std::span<const Index> rows) final;
  void settle_all() final;
  std::map<std::string, Array> arrays() final;
  void restore(const std::map<std::string, Array>& arrays) final;

 protected:
  // The rule. `rates_[t]` is the learning rate of step t, from 1 on.
  // A dense step, on elements [begin, end).
  virtual void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) = 0;
  // Called before the rows of a step t, or the dense step; `longest` is the largest t - s among them.
  virtual void begin_step(std::uint32_t t, std::uint32_t longest) = 0;
  // What all rows with their last gradient at step s need to move to step t: a number for move(), good until prepare() is called
  // for another t.
  virtual std::uint32_t prepare(std::uint32_t s, std::uint32_t t) = 0;
  // From here to step(): called for several rows at once, from several threads.
  // Writes w(t) of a row, from its w(s) and state.
  virtual void move(Index row, std::uint32_t prepared, const void* from, void* to) = 0;
  // Brings a row's state from step s to step t, without gradients between.
  virtual void rest(Index row, std::uint32_t s, std::uint32_t t) = 0;
  // The step t itself, with a gradient: `weights` hold w(t-1), the row's state is of step s.
  virtual void step(Index row, void* weights, const void* gradient, double factor, std::uint32_t s, std::uint32_t t) = 0;
  // The state's arrays, by name.
  virtual std::map<std::string, Array*> kept() = 0;
  // Whether rows without a gradient stay where they are, so that nothing is ever owed.
  virtual bool rests() const { return false; }

  Parameter& parameter_;
  int threads_;
  std::vector<double> rates_{0.0};

 private:
  void take_over();
  void begin_rows();
  void take_row_over(Index row);
  // A row that is to be moved, and how.
  struct Due {
    Index row = 0;
    std::uint32_t prepared = 0;
  };
  static constexpr std::uint32_t unmoved = ~0u;  // w(t) is w(s)
  std::uint32_t prepare_row(Index row, std::uint32_t t);
  void write_row(Index row, std::uint32_t prepared, std::byte* to);
  void settle_due();
  void step_rows(const GradientEntry& entry, double factor);
  Index row_grain() const;

  std::mutex mutex_;
  bool by_rows_ = false;
  Array base_;                          // w(s) of every row
  std::vector<std::uint32_t> last_;     // s: the step of the row's last gradient
  std::vector<std::uint32_t> settled_;  // the step that the parameter's row is at
  std::vector<std::byte> row_;          // room for one row
  std::vector<Due> due_;
  std::uint32_t steps_ = 0;
  std::uint64_t version_ = ~std::uint64_t{0};  // the parameter's after the last update, if its numbers are known to be ours
};

}  // namespace tapegrad::optim
