#include <tapegrad/optim/row_state.h>

#include <algorithm>
#include <cstring>

#include <tapegrad/graph/thread_state.h>

namespace tapegrad::optim {
namespace {

constexpr Index dense_grain = 65536;   // elements of a part
constexpr Index row_elements = 16384;  // the same by rows, whose elements take longer
// The most prepared movements that are held before they are used and forgotten.
constexpr std::size_t most_terms = std::size_t{1} << 18;

template <class T>
bool all_zero(const std::byte* bytes, Index count) {
  const T* values = reinterpret_cast<const T*>(bytes);
  return std::all_of(values, values + count, [](T value) { return value == T{0}; });
}

}  // namespace

RowState::RowState(Parameter& parameter, int threads, double weight_decay)
    : parameter_(parameter),
      threads_(threads),
      parameter_dtype_(parameter.dtype()),
      columns_(parameter.shape().columns()),
      row_bytes_(static_cast<std::size_t>(columns_) * size_of(parameter.dtype())),
      weight_decay_(weight_decay),
      history_(parameter.shape().rows(), weight_decay) {}

// Rows as a part of the work of several threads.
Index RowState::row_grain() const {
  return std::max<Index>(1, row_elements / std::max<Index>(1, columns_));
}

void RowState::update(const GradientEntry& entry, double factor, double learning_rate) {
  const FlushDenormals flush;
  settle_other();
  const std::lock_guard lock(mutex_);
  drop_abandoned_average();
  take_over();
  if (entry.sparse && !by_rows_) begin_rows();
  rate_ = learning_rate;
  version_ = parameter_.version() + 1;  // Optimizer::update() counts this update
  if (by_rows_) {
    step_rows(entry, factor);
    retire_old_rows();
    return;
  }
  ++steps_;
  begin_step(steps_, 1);
  split_work(threads_, parameter_.shape().size(), dense_grain,
             [&](Index begin, Index end) { dense_step(entry, factor, begin, end); });
}

// From here on rows are followed one by one.
void RowState::begin_rows() {
  by_rows_ = true;
  const Index rows = parameter_.shape().rows();
  has_momentum_ = momentum() != nullptr;
  // Before the first step nothing moves, unless all weights decay.
  const bool moves = has_momentum_ && (steps_ > 0 || weight_decay_ != 0.0);
  rows_.assign(at(rows), {.last = steps_, .settled = steps_, .moves = moves});
  history_.begin(steps_);
  if (has_momentum_) base_ = parameter_.unsettled_value();
  parameter_.set_pending(shared_from_this());
}

// Another optimizer may still owe rows, which it pays before this one goes on. Called without the
// lock: two that take turns would take their locks in both orders.
void RowState::settle_other() {
  if (parameter_.pending() == nullptr || parameter_.pending() == this) return;
  parameter_.pending()->settle_all();
  parameter_.set_pending(nullptr);
}

// Another optimizer, or somebody, may have set other numbers.
void RowState::take_over() {
  const bool ours = parameter_.pending() == this;
  if (!by_rows_) return;
  if (!ours) parameter_.set_pending(shared_from_this());
  if (parameter_.version() == version_) return;
  version_ = parameter_.version();
  if (!keeps_base()) return;
  bool changed = false;
  for (Index row = 0; row < row_count() && !changed; ++row) changed = changed_outside(row);
  if (!changed) return;
  // Looks so far were at our numbers, looks from now on are at the others.
  if (averaging_) settle_averages();
  for (Index row = 0; row < row_count(); ++row) {
    if (changed_outside(row)) rebase(row);
  }
}

// A settled row whose numbers are not those that it was moved to.
bool RowState::changed_outside(Index row) {
  if (behind(row)) return false;
  room_.resize(std::max(room_.size(), row_bytes_));
  write_row(row, prepare_row(Wanted::weights, row), room_.data());
  if (prepared_terms() >= most_terms) history_.renew_stamp();
  return std::memcmp(room_.data(), weights_of(row), row_bytes_) != 0;
}

bool RowState::still(Index row) {
  if (weight_decay_ != 0.0) return false;
  if (averaging_ && std::memcmp(average_of(row), base_of(row), row_bytes_) != 0) return false;
  if (!has_momentum_) return true;
  const std::byte* moment = momentum()->data() + at(row) * row_bytes_;
  return parameter_dtype_ == Dtype::float32 ? all_zero<float>(moment, columns_)
                                            : all_zero<double>(moment, columns_);
}

bool RowState::behind(Index row) const {
  return has_momentum_ && rows_[at(row)].moves && rows_[at(row)].settled != steps_;
}

std::uint32_t RowState::prepare_row(Wanted wanted, Index row) {
  const std::uint64_t s = rows_[at(row)].last;
  if (!rows_[at(row)].moves || (wanted == Wanted::weights && s == steps_)) return in_place;
  history_.reach(s);
  // The average has not been read since.
  if (wanted == Wanted::average && history_.remembered(s) == 1.0) return in_place;
  return prepare(wanted, s);
}

RowState::Due RowState::due_row(Index row, bool weights) {
  return {.row = row,
          .weights = weights && behind(row) ? prepare_row(Wanted::weights, row) : settled,
          .average = averaging_ ? prepare_row(Wanted::average, row) : no_average};
}

void RowState::write_row(Index row, std::uint32_t prepared, std::byte* to) const {
  const std::byte* from = base_.data() + at(row) * row_bytes_;
  if (prepared == in_place || !has_momentum_)
    std::memcpy(to, from, row_bytes_);
  else
    move(Wanted::weights, row, prepared, from, to);
}

template <class Work>
void RowState::run_due(const Work& work) {
  const auto count = static_cast<Index>(due_.size());
  const Index grain = row_grain();
  room_.resize(std::max(room_.size(), at(count / grain + 1) * row_bytes_));
  split_work(threads_, count, grain, [&](Index begin, Index end) {
    std::byte* const room = room_.data() + at(begin / grain) * row_bytes_;
    for (Index i = begin; i < end; ++i) work(i, room);
  });
  rows_touched_ += due_.size();
  due_.clear();
}

// Calls next(due), which says how a row is to be moved, until it returns false, and work(i, room)
// for each due_[i], in parallel.
template <class Next, class Work>
void RowState::for_due(const Next& next, const Work& work) {
  due_.clear();
  for (Due due; next(due);) {
    due_.push_back(due);
    if ((!is_prepared(due.weights) && !is_prepared(due.average)) || prepared_terms() < most_terms)
      continue;
    run_due(work);
    history_.renew_stamp();
  }
  run_due(work);
}

// Before its w(s) and state change, a row's average and weights are brought to the newest step.
void RowState::bring_up(const Due& due, std::byte* room) {
  if (due.average != no_average) {
    write_average(due.row, due.average, room);
    std::memcpy(average_of(due.row), room, row_bytes_);
  }
  if (due.weights != settled) write_row(due.row, due.weights, weights_of(due.row));
}

void RowState::step_rows(const GradientEntry& entry, double factor) {
  const auto* gradient = static_cast<const std::byte*>(entry.values);
  const Index count = entry.sparse ? static_cast<Index>(entry.rows.size()) : row_count();
  const auto row_at = [&](Index i) { return entry.sparse ? entry.rows[at(i)] : i; };
  std::uint64_t longest = 1;
  for (Index i = 0; i < count; ++i) longest = std::max(longest, age(row_at(i)) + 1);
  begin_step(steps_ + 1, longest);
  Index next = 0,
        first = 0;  // of the gradient's rows: to come, and the first of those that are due
  for_due(
      [&](Due& due) {
        if (next == count) return false;
        if (due_.empty()) first = next;
        due = due_row(row_at(next++), true);
        return true;
      },
      [&](Index i, std::byte* room) {
        const Due& due = due_[at(i)];
        std::byte* const weights = weights_of(due.row);
        bring_up(due, room);
        step(due.row, weights, gradient + at(first + i) * row_bytes_, factor, age(due.row) + 1);
        rows_[at(due.row)] = {.last = steps_ + 1, .settled = steps_ + 1, .moves = keeps_base()};
        if (keeps_base()) std::memcpy(base_of(due.row), weights, row_bytes_);
      });
  ++steps_;
  history_.add(rate_);
}

// Each step looks at the next rows, so that all had their turn after a part of the window. Which
// rows these are depends on the step's number alone, and a row that is still reads the same whether
// it is followed or not: a state that was saved and restored goes on with the same bits. Called
// before the average looks at the new step's weights: a row's average is kept as it was before the
// first look at w(s).
void RowState::retire_old_rows() {
  const std::uint64_t turn = (history_.window() + 1) / 4, rows = rows_.size();
  Index next = static_cast<Index>(rows * (steps_ % turn) / turn);
  const auto end = static_cast<Index>(rows * (steps_ % turn + 1) / turn);
  for_due(
      [&](Due& due) {
        while (next < end) {
          const Index row = next++;
          if (!rows_[at(row)].moves || age(row) + turn <= history_.window()) continue;
          if (still(row)) {
            rows_[at(row)].moves = false;
            continue;
          }
          due = due_row(row, true);
          return true;
        }
        return false;
      },
      [&](Index i, std::byte* room) {
        bring_up(due_[at(i)], room);
        rebase(due_[at(i)].row);
      });
}

// The row goes on from its weights at the newest step, as if they had been set. Its average must be
// that before a look at them.
void RowState::rebase(Index row) {
  rest(row, age(row));
  rows_[at(row)] = {.last = steps_, .settled = steps_, .moves = true};
  std::memcpy(base_of(row), weights_of(row), row_bytes_);
}

void RowState::settle(std::span<const Index> rows) {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  settle_rows(static_cast<Index>(rows.size()), [&](Index i) { return rows[at(i)]; });
}

void RowState::settle_all() {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  settle_rows(row_count(), [](Index i) { return i; });
}

template <class RowAt>
void RowState::settle_rows(Index count, const RowAt& row_at) {
  if (!has_momentum_) return;
  Index next = 0;
  for_due(
      [&](Due& due) {
        while (next < count) {
          const Index row = row_at(next++);
          if (!behind(row)) continue;
          due = {.row = row, .weights = prepare_row(Wanted::weights, row), .average = no_average};
          rows_[at(row)].settled = steps_;
          return true;
        }
        return false;
      },
      [&](Index i, std::byte*) {
        write_row(due_[at(i)].row, due_[at(i)].weights, weights_of(due_[at(i)].row));
      });
}

void RowState::write_averages(Array& to) {
  Index next = 0;
  for_due(
      [&](Due& due) {
        if (next == row_count()) return false;
        due = due_row(next++, false);
        return true;
      },
      [&](Index i, std::byte*) {
        write_average(due_[at(i)].row, due_[at(i)].average,
                      to.data() + at(due_[at(i)].row) * row_bytes_);
      });
}

}  // namespace tapegrad::optim
