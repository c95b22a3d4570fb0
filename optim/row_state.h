// Row-sparse updates that equal the dense rule's: rows without a gradient move on paper only, until
// somebody reads them.
//
// A rule whose step without a gradient is linear in what it keeps of a row (Adam's and momentum's
// are, given the second moment) moves a row that had its last gradient at step s, by step t, to
//   w(t) = w(s)·decay(s, t) - f(state(s); s, t),
// so a row keeps w(s), its state and s, and w(t) is computed from these whenever it is wanted: the
// bits do not depend on when, or how often, rows are read. Numbers that somebody else sets, by hand
// or with another optimizer, take the place of w(t) at the next update.
//
// A moving average of the weights is linear too: step_history.h. A row keeps the average before the
// first look at w(s).
//
// What lives longer than a step is bounded by the table: an entry a row, and a window of past steps
// (step_history.h). Every step looks at the next few rows of the table, whose turn comes again
// after a quarter of the window. A row whose last gradient would be older than the window by then
// is brought up to date, as if it had been read and set; one that moves no more is left alone from
// then on. So a step costs what the rows of its gradient cost, and a part of that once more when
// they have been without a gradient for a window.
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
#include <tapegrad/optim/step_history.h>

namespace tapegrad::optim {

class StateArrays;

// The base of rules that may owe rows something. Dense until the first row-sparse gradient comes.
class RowState : public ParameterState,
                 public PendingRows,
                 public std::enable_shared_from_this<RowState> {
 public:
  // `weight_decay`: of the weights themselves, decoupled from the gradient.
  RowState(Parameter& parameter, int threads, double weight_decay = 0.0);

  void update(const GradientEntry& entry, double factor, double learning_rate) final;
  void settle(std::span<const Index> rows) final;
  void settle_all() final;
  std::map<std::string, Array> arrays() final;
  void restore(const std::map<std::string, Array>& arrays) final;
  void begin_restored() final;

  // One moving average of the weights can be followed row by row; `owner` says whose. It is given
  // up when the owner is gone.
  using Owner = std::weak_ptr<const void>;
  // Follows `average`, which is taken from there, from the weights as they are on. Follows the one
  // that was restored with this state instead, if its numbers are the same. Returns false if
  // another owner's is followed already.
  bool follow_average(const Owner& owner, Array& average);
  bool follows_average_of(const Owner& owner);
  // The average looks at the weights: average ← decay·average + (1 - decay)·weights.
  void look(double decay);
  // The average with all looks, computed row by row; what is kept stays as it is.
  Array average();
  void leave_average();

  // Rows that were stepped, moved or averaged since this was made: what the updates and reads cost.
  std::uint64_t rows_touched() const { return rows_touched_; }

 protected:
  // The rule.
  // A dense step, on elements [begin, end).
  virtual void dense_step(const GradientEntry& entry, double factor, Index begin, Index end) = 0;
  // Called before the rows of a step t, or the dense step; `longest` is the largest gap that step()
  // will get.
  virtual void begin_step(std::uint64_t t, std::uint64_t longest) = 0;
  // What moves rows without a gradient, until it is 0; null for a rule that lets them rest.
  virtual const Array* momentum() const { return nullptr; }
  // What all rows with their last gradient at step s need to move to the history's newest step: a
  // number for move(), good until the history changes.
  virtual std::uint32_t prepare(Wanted, std::uint64_t) { return 0; }
  // How many numbers the prepared movements take, if that is worth a limit.
  virtual std::size_t prepared_terms() const { return 0; }
  // From here to step(): called for several rows at once, from several threads.
  // Writes w(t) of a row, from its w(s) and state; or what the average takes from these.
  virtual void move(Wanted, Index, std::uint32_t, const void*, void*) const {}
  // Brings a row's state `gap` steps on, without gradients between.
  virtual void rest(Index, std::uint64_t) {}
  // A step with a gradient, `gap` steps after the last: `weights` hold w(t-1), the row's state is
  // of its last gradient.
  virtual void step(Index row, void* weights, const void* gradient, double factor,
                    std::uint64_t gap) = 0;
  // The state's arrays, by name.
  virtual std::map<std::string, Array*> kept() = 0;

  const StepHistory& history() const { return history_; }
  double rate() const { return rate_; }  // of this step
  Index columns() const { return columns_; }

  Parameter& parameter_;
  int threads_;

 private:
  struct RowSteps {
    std::uint64_t last = 0;     // s: the step of the row's last gradient
    std::uint64_t settled = 0;  // the step that the parameter's row is at
    bool moves = false;         // it may be elsewhere at the next step, or its average may be
  };
  // A row that is to be moved, and how.
  struct Due {
    Index row = 0;
    std::uint32_t weights = 0, average = 0;
  };
  static constexpr std::uint32_t in_place = ~0u;     // w(t) is w(s), or the average is as it was
  static constexpr std::uint32_t settled = ~0u - 1;  // the parameter holds w(t) already
  static constexpr std::uint32_t no_average = ~0u - 2;
  static bool is_prepared(std::uint32_t number) { return number < no_average; }

  static std::size_t at(Index row) { return static_cast<std::size_t>(row); }
  std::byte* weights_of(Index row) {
    return parameter_.unsettled_value().data() + at(row) * row_bytes_;
  }
  std::byte* base_of(Index row) { return base_.data() + at(row) * row_bytes_; }
  std::byte* average_of(Index row) { return average_.data() + at(row) * row_bytes_; }
  Index row_count() const { return static_cast<Index>(rows_.size()); }
  std::uint64_t age(Index row) const { return steps_ - rows_[at(row)].last; }
  Index row_grain() const;

  // Whether w(s) of the rows is kept: it is wanted where rows move, or are averaged.
  bool keeps_base() const { return has_momentum_ || averaging_; }
  // Whether the row is where it will stay: no momentum, no decay, and its average is there too.
  bool still(Index row);
  // Whether the parameter's row is of an earlier step.
  bool behind(Index row) const;

  std::uint32_t prepare_row(Wanted wanted, Index row);
  Due due_row(Index row, bool weights);
  void write_row(Index row, std::uint32_t prepared, std::byte* to) const;
  void write_average(Index row, std::uint32_t prepared, std::byte* to);
  template <class Next, class Work>
  void for_due(const Next& next, const Work& work);
  template <class Work>
  void run_due(const Work& work);

  void begin_rows();
  void settle_other();
  void take_over();
  bool changed_outside(Index row);
  void bring_up(const Due& due, std::byte* room);
  void rebase(Index row);
  void retire_old_rows();
  void step_rows(const GradientEntry& entry, double factor);
  template <class RowAt>
  void settle_rows(Index count, const RowAt& row_at);

  void write_averages(Array& to);
  void settle_averages();
  void drop_average();
  void drop_abandoned_average();
  void restore_rows(StateArrays& given);

  std::mutex mutex_;
  // What reads the average must not ask the parameter, which may be gone.
  const Dtype parameter_dtype_;
  const Index columns_;
  const std::size_t row_bytes_;
  const double weight_decay_;
  bool by_rows_ = false;
  std::uint64_t steps_ = 0;
  double rate_ = 0.0;
  std::uint64_t version_ = ~std::uint64_t{
      0};  // the parameter's after the last update, if its numbers are known to be ours
  std::uint64_t rows_touched_ = 0;

  // By rows.
  StepHistory history_;
  bool has_momentum_ =
      false;              // whether momentum() gives one; asked once, since every row wants to know
  Array base_{Shape{0}};  // w(s)
  std::vector<RowSteps> rows_;
  std::vector<Due> due_;         // as many as a step, or a read, has rows
  std::vector<std::byte> room_;  // for a row of each part of a parallel loop

  bool averaging_ = false;
  Array average_{Shape{0}};  // before the first look at w(s)
  Owner average_owner_;
  int updates_to_wait_ = 0;  // for the owner of an average that was restored
};

}  // namespace tapegrad::optim
