// What a checkpoint keeps of rows that are followed one by one.
#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/optim/row_state.h>
#include <tapegrad/optim/state_arrays.h>

namespace tapegrad::optim {
namespace {

Array numbers(const std::vector<double>& values) {
  return Array::from(std::span<const double>(values), {static_cast<Index>(values.size())});
}

}  // namespace

std::map<std::string, Array> RowState::arrays() {
  settle_all();
  const std::lock_guard lock(mutex_);
  std::map<std::string, Array> all;
  for (const auto& [name, array] : kept()) all.emplace(name, *array);
  Array steps({}, Dtype::int64);
  steps.values<Index>()[0] = static_cast<Index>(steps_);
  all.emplace("steps", steps);
  if (!by_rows_) return all;
  Array last({row_count()}, Dtype::int64);
  std::ranges::transform(rows_, last.values<Index>().begin(),
                         [](const RowSteps& row) { return static_cast<Index>(row.last); });
  all.emplace("last", last);
  all.emplace("rates", numbers(history_.rates()));
  if (keeps_base()) all.emplace("base", base_);
  if (!averaging_) return all;
  all.emplace("average", average_);
  all.emplace("looks", numbers(history_.looks()));
  return all;
}

void RowState::restore(const std::map<std::string, Array>& arrays) {
  StateArrays given(parameter_.name(), arrays);
  for (const auto& [name, array] : kept()) *array = given.get(name, array->shape(), array->dtype());
  const Index steps = given.get("steps", {}, Dtype::int64).values<Index>()[0];
  if (steps < 0)
    throw ValueError(fmt::format("the optimizer's steps of {} are {}, which is negative",
                                 parameter_.name(), steps));
  steps_ = static_cast<std::uint64_t>(steps);
  by_rows_ = given.contains("last");
  if (by_rows_) restore_rows(given);
  given.check_all_used();
}

void RowState::restore_rows(StateArrays& given) {
  const Index rows = parameter_.shape().rows();
  has_momentum_ = momentum() != nullptr;
  const auto rates = given.get_numbers("rates", 0, std::min(steps_, history_.window()));
  averaging_ = given.contains("average");
  std::span<const double> looks;
  if (averaging_) {
    average_ = given.get("average", parameter_.shape(), parameter_.dtype());
    looks = given.get_numbers("looks", rates.size() + 1, rates.size() + 1);
    updates_to_wait_ = 2;
  }
  if (keeps_base()) base_ = given.get("base", parameter_.shape(), parameter_.dtype());
  const auto last = given.get("last", {rows}, Dtype::int64).values<Index>();
  history_.restore(steps_, rates, looks);
  rows_.resize(at(rows));
  for (Index row = 0; row < rows; ++row) {
    rows_[at(row)] = {.last = static_cast<std::uint64_t>(last[at(row)]), .settled = steps_};
    if (last[at(row)] < 0 || rows_[at(row)].last > steps_ ||
        (age(row) > rates.size() && age(row) <= history_.window())) {
      throw ValueError(
          fmt::format("the optimizer's last step of a row of {} is {}, expected one of the last {} "
                      "before step {}",
                      parameter_.name(), last[at(row)], rates.size(), steps_));
    }
    rows_[at(row)].moves = keeps_base() && age(row) <= history_.window();
  }
}

void RowState::begin_restored() {
  if (by_rows_) parameter_.set_pending(shared_from_this());
}

}  // namespace tapegrad::optim
