// The moving average of rows that are followed one by one.
#include <algorithm>
#include <cstring>

#include <tapegrad/graph/thread_state.h>
#include <tapegrad/optim/row_state.h>

namespace tapegrad::optim {
namespace {

// to += remembered · (average - base)
template <class T>
void add_remembered(double remembered, const std::byte* average, const std::byte* base,
                    std::byte* to, Index count) {
  const T* a = reinterpret_cast<const T*>(average);
  const T* w = reinterpret_cast<const T*>(base);
  T* sum = reinterpret_cast<T*>(to);
  const auto part = static_cast<T>(remembered);
  for (Index c = 0; c < count; ++c) sum[c] += part * (a[c] - w[c]);
}

bool same_owner(const std::weak_ptr<const void>& left, const std::weak_ptr<const void>& right) {
  return !left.owner_before(right) && !right.owner_before(left);
}

}  // namespace

// The average of a row after all looks.
void RowState::write_average(Index row, std::uint32_t prepared, std::byte* to) {
  if (prepared == in_place) {
    std::memcpy(to, average_of(row), row_bytes_);
    return;
  }
  if (!has_momentum_)
    std::memcpy(to, base_of(row), row_bytes_);
  else
    move(Wanted::average, row, prepared, base_of(row), to);
  const double remembered = history_.remembered(rows_[at(row)].last);
  if (parameter_dtype_ == Dtype::float32)
    add_remembered<float>(remembered, average_of(row), base_of(row), to, columns_);
  else
    add_remembered<double>(remembered, average_of(row), base_of(row), to, columns_);
}

// Nothing is looked at any more before the newest step.
void RowState::settle_averages() {
  Array now(average_.shape(), average_.dtype());
  write_averages(now);
  average_ = std::move(now);
  history_.forget_looks();
  history_.look(1.0);
}

bool RowState::follow_average(const Owner& owner, Array& average) {
  const FlushDenormals flush;
  settle_other();
  const std::lock_guard lock(mutex_);
  if (!by_rows_) return false;
  if (averaging_ && updates_to_wait_ > 0) {
    Array restored(average_.shape(), average_.dtype());
    write_averages(restored);
    updates_to_wait_ = 0;
    if (restored == average) {
      average_owner_ = owner;
      average = Array(Shape{0});
      return true;
    }
    drop_average();
  }
  drop_abandoned_average();
  if (averaging_) return false;
  take_over();
  averaging_ = true;
  average_owner_ = owner;
  average_ = std::exchange(average, Array(Shape{0}));
  if (!has_momentum_) base_ = parameter_.unsettled_value();
  history_.look(1.0);
  for (Index row = 0; row < row_count(); ++row) {
    if (rows_[at(row)].moves || still(row)) continue;
    rest(row, age(row));
    rows_[at(row)] = {.last = steps_, .settled = steps_, .moves = true};
  }
  return true;
}

bool RowState::follows_average_of(const Owner& owner) {
  const std::lock_guard lock(mutex_);
  return averaging_ && same_owner(average_owner_, owner);
}

void RowState::look(double decay) {
  const FlushDenormals flush;
  settle_other();
  const std::lock_guard lock(mutex_);
  take_over();
  history_.look(decay);
}

Array RowState::average() {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  Array now(average_.shape(), average_.dtype());
  write_averages(now);
  return now;
}

void RowState::leave_average() {
  const std::lock_guard lock(mutex_);
  drop_average();
}

void RowState::drop_average() {
  averaging_ = false;
  updates_to_wait_ = 0;
  average_ = Array(Shape{0});
  average_owner_.reset();
  history_.forget_looks();
  if (has_momentum_) return;
  base_ = Array(Shape{0});
  for (RowSteps& row : rows_) row.moves = false;
}

// An average whose owner is gone, or that was restored and that nobody came for with the first
// update.
void RowState::drop_abandoned_average() {
  if (!averaging_) return;
  const bool waits = updates_to_wait_ > 0 && --updates_to_wait_ > 0;
  if (!waits && average_owner_.expired()) drop_average();
}

}  // namespace tapegrad::optim
