#include <tapegrad/optim/row_state.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/thread_state.h>

namespace tapegrad::optim {
namespace {

constexpr Index dense_grain = 65536;        // elements of a part
constexpr Index row_elements = 16384;       // the same by rows, whose elements take longer
constexpr std::uint32_t settled = ~0u - 1;  // for a row that need not be moved

}  // namespace

void RowState::update(const GradientEntry& entry, double factor, double learning_rate) {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  take_over();
  if (entry.sparse && !by_rows_) begin_rows();
  ++steps_;
  rates_.push_back(learning_rate);
  version_ = parameter_.version() + 1;  // Optimizer::update() counts this update
  if (by_rows_) {
    step_rows(entry, factor);
    return;
  }
  begin_step(steps_, 1);
  split_work(threads_, parameter_.shape().size(), dense_grain,
             [&](Index begin, Index end) { dense_step(entry, factor, begin, end); });
}

// Rows as a part of the work of several threads.
Index RowState::row_grain() const { return std::max<Index>(1, row_elements / std::max<Index>(1, parameter_.shape().columns())); }

void RowState::step_rows(const GradientEntry& entry, double factor) {
  const auto* gradient = static_cast<const std::byte*>(entry.values);
  const Index count = entry.sparse ? static_cast<Index>(entry.rows.size()) : parameter_.shape().rows();
  due_.clear();
  std::uint32_t longest = 1;
  for (Index i = 0; i < count; ++i) {
    const Index row = entry.sparse ? entry.rows[static_cast<std::size_t>(i)] : i;
    const auto at = static_cast<std::size_t>(row);
    longest = std::max(longest, steps_ - last_[at]);
    const bool behind = !rests() && settled_[at] != steps_ - 1;
    due_.push_back({row, behind ? prepare_row(row, steps_ - 1) : settled});
  }
  begin_step(steps_, longest);
  split_work(threads_, count, row_grain(), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const auto [row, prepared] = due_[static_cast<std::size_t>(i)];
      const auto at = static_cast<std::size_t>(row);
      std::byte* weights = parameter_.unsettled_value().data() + at * row_.size();
      if (prepared != settled) write_row(row, prepared, weights);
      step(row, weights, gradient + static_cast<std::size_t>(i) * row_.size(), factor, last_[at], steps_);
      last_[at] = settled_[at] = steps_;
      if (!rests()) std::memcpy(base_.data() + at * row_.size(), weights, row_.size());
    }
  });
}

// Another optimizer may still owe rows, which it pays before this one goes on; it, or somebody, may have set other numbers.
void RowState::take_over() {
  const bool ours = parameter_.pending() == this;
  if (parameter_.pending() != nullptr && !ours) {
    parameter_.pending()->settle_all();
    parameter_.set_pending(nullptr);
  }
  if (!by_rows_ || rests()) return;
  if (!ours) parameter_.set_pending(shared_from_this());
  if (parameter_.version() == version_) return;
  for (Index row = 0; row < parameter_.shape().rows(); ++row) take_row_over(row);
}

// A settled row whose numbers are not those that it was moved to goes on from them.
void RowState::take_row_over(Index row) {
  const auto at = static_cast<std::size_t>(row);
  if (settled_[at] != steps_) return;
  const std::byte* weights = parameter_.unsettled_value().data() + at * row_.size();
  write_row(row, prepare_row(row, steps_), row_.data());
  if (std::memcmp(row_.data(), weights, row_.size()) == 0) return;
  rest(row, last_[at], steps_);
  last_[at] = steps_;
  std::memcpy(base_.data() + at * row_.size(), weights, row_.size());
}

// From here on rows are followed one by one.
void RowState::begin_rows() {
  const auto rows = static_cast<std::size_t>(parameter_.shape().rows());
  by_rows_ = true;
  last_.assign(rows, steps_);
  settled_.assign(rows, steps_);
  row_.resize(static_cast<std::size_t>(parameter_.shape().columns()) * size_of(parameter_.dtype()));
  if (rests()) return;
  base_ = parameter_.unsettled_value();
  parameter_.set_pending(shared_from_this());
}

std::uint32_t RowState::prepare_row(Index row, std::uint32_t t) {
  const std::uint32_t s = last_[static_cast<std::size_t>(row)];
  return s == t ? unmoved : prepare(s, t);
}

void RowState::write_row(Index row, std::uint32_t prepared, std::byte* to) {
  const std::byte* from = base_.data() + static_cast<std::size_t>(row) * row_.size();
  if (prepared == unmoved)
    std::memcpy(to, from, row_.size());
  else
    move(row, prepared, from, to);
}

void RowState::settle_due() {
  split_work(threads_, static_cast<Index>(due_.size()), row_grain(), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const auto [row, prepared] = due_[static_cast<std::size_t>(i)];
      write_row(row, prepared, parameter_.unsettled_value().data() + static_cast<std::size_t>(row) * row_.size());
    }
  });
}

void RowState::settle(std::span<const Index> rows) {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  due_.clear();
  for (const Index row : rows) {
    std::uint32_t& at = settled_[static_cast<std::size_t>(row)];
    if (at == steps_) continue;
    at = steps_;
    due_.push_back({row, prepare_row(row, steps_)});
  }
  settle_due();
}

void RowState::settle_all() {
  const FlushDenormals flush;
  const std::lock_guard lock(mutex_);
  if (!by_rows_ || rests()) return;
  due_.clear();
  for (Index row = 0; row < parameter_.shape().rows(); ++row) {
    std::uint32_t& at = settled_[static_cast<std::size_t>(row)];
    if (at == steps_) continue;
    at = steps_;
    due_.push_back({row, prepare_row(row, steps_)});
  }
  settle_due();
}

std::map<std::string, Array> RowState::arrays() {
  settle_all();
  std::map<std::string, Array> all;
  for (const auto& [name, array] : kept()) all.emplace(name, *array);
  all.emplace("rates", Array::from(std::span<const double>(rates_), {static_cast<Index>(rates_.size())}));
  if (by_rows_) {
    Array last({static_cast<Index>(last_.size())}, Dtype::int64);
    for (std::size_t i = 0; i < last_.size(); ++i) last.set(static_cast<Index>(i), last_[i]);
    all.emplace("last", last);
    if (!rests()) all.emplace("base", base_);
  }
  return all;
}

void RowState::restore(const std::map<std::string, Array>& arrays) {
  const auto find = [&](const std::string& name) -> const Array& {
    const auto found = arrays.find(name);
    if (found == arrays.end()) throw ValueError(fmt::format("the optimizer's state of {} lacks {}", parameter_.name(), name));
    return found->second;
  };
  const auto find_like = [&](const std::string& name, const Shape& shape, Dtype dtype) -> const Array& {
    const Array& array = find(name);
    if (array.shape() == shape && array.dtype() == dtype) return array;
    throw ValueError(fmt::format("the optimizer's {} of {} has shape {} of {}, expected {} of {}", name, parameter_.name(),
                                 array.shape().to_string(), name_of(array.dtype()), shape.to_string(), name_of(dtype)));
  };
  for (const auto& [name, array] : kept()) *array = find_like(name, array->shape(), array->dtype());
  const auto rates = find_like("rates", {std::max<Index>(1, find("rates").size())}, Dtype::float64).values<double>();
  rates_.assign(rates.begin(), rates.end());
  steps_ = static_cast<std::uint32_t>(rates_.size()) - 1;
  if (!arrays.contains("last")) return;
  begin_rows();
  const auto last = find_like("last", {static_cast<Index>(last_.size())}, Dtype::int64).values<Index>();
  for (std::size_t i = 0; i < last_.size(); ++i) {
    if (last[i] < 0 || last[i] > static_cast<Index>(steps_))
      throw ValueError(fmt::format("the optimizer's last step of a row of {} is {}, expected it within [0, {}]",
                                   parameter_.name(), last[i], steps_));
    last_[i] = static_cast<std::uint32_t>(last[i]);
  }
  if (!rests()) base_ = find_like("base", parameter_.shape(), parameter_.dtype());
}

}  // namespace tapegrad::optim
