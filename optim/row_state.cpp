#include <tapegrad/optim/row_state.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {
namespace {

constexpr Index dense_grain = 65536;  // elements of a part

}  // namespace

void RowState::update(const GradientEntry& entry, double factor, double learning_rate) {
  const std::lock_guard lock(mutex_);
  if (steps_ == 0 && parameter_.pending() != nullptr && parameter_.pending() != this) {
    // Another optimizer still owes rows: what it owes is paid before this one begins.
    parameter_.pending()->settle_all();
    parameter_.set_pending(nullptr);
  }
  if (entry.sparse && !by_rows_) begin_rows();
  ++steps_;
  rates_.push_back(learning_rate);
  prepared_from_ = ~0u;
  if (!by_rows_) {
    split_work(threads_, parameter_.shape().size(), dense_grain, [&](Index begin, Index end) { dense_step(entry, factor, begin, end); });
    return;
  }
  const Index width = parameter_.shape().columns();
  const std::size_t row_bytes = static_cast<std::size_t>(width) * size_of(parameter_.dtype());
  const auto* gradient = static_cast<const std::byte*>(entry.values);
  if (entry.sparse) {
    for (std::size_t i = 0; i < entry.rows.size(); ++i) step_row(entry.rows[i], gradient + i * row_bytes, factor);
  } else {
    for (Index row = 0; row < parameter_.shape().rows(); ++row) step_row(row, gradient + static_cast<std::size_t>(row) * row_bytes, factor);
  }
}

// From here on rows are followed one by one.
void RowState::begin_rows() {
  const auto rows = static_cast<std::size_t>(parameter_.shape().rows());
  by_rows_ = true;
  last_.assign(rows, steps_);
  settled_.assign(rows, steps_);
  if (rests()) return;
  base_ = parameter_.unsettled_value();
  parameter_.set_pending(shared_from_this());
}

void RowState::step_row(Index row, const void* gradient, double factor) {
  const auto at = static_cast<std::size_t>(row);
  const std::size_t bytes = static_cast<std::size_t>(parameter_.shape().columns()) * size_of(parameter_.dtype());
  std::byte* weights = parameter_.unsettled_value().data() + at * bytes;
  const std::uint32_t before = steps_ - 1;
  if (!rests() && settled_[at] != before) {
    if (prepared_from_ != last_[at] || prepared_to_ != before) {
      prepare(last_[at], before);
      prepared_from_ = last_[at];
      prepared_to_ = before;
    }
    move(row, base_.data() + at * bytes, weights);
  }
  step(row, weights, gradient, factor, last_[at], steps_);
  last_[at] = settled_[at] = steps_;
  if (!rests()) std::memcpy(base_.data() + at * bytes, weights, bytes);
}

void RowState::settle_row(Index row) {
  const auto at = static_cast<std::size_t>(row);
  if (settled_[at] == steps_) return;
  if (prepared_from_ != last_[at] || prepared_to_ != steps_) {
    prepare(last_[at], steps_);
    prepared_from_ = last_[at];
    prepared_to_ = steps_;
  }
  const std::size_t bytes = static_cast<std::size_t>(parameter_.shape().columns()) * size_of(parameter_.dtype());
  move(row, base_.data() + at * bytes, parameter_.unsettled_value().data() + at * bytes);
  settled_[at] = steps_;
}

void RowState::settle(std::span<const Index> rows) {
  const std::lock_guard lock(mutex_);
  for (const Index row : rows) settle_row(row);
}

void RowState::settle_all() {
  const std::lock_guard lock(mutex_);
  if (!by_rows_ || rests()) return;
  for (Index row = 0; row < parameter_.shape().rows(); ++row) settle_row(row);
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
  for (const auto& [name, array] : kept()) {
    if (find(name).shape() != array->shape() || find(name).dtype() != array->dtype()) {
      throw ValueError(fmt::format("the optimizer's {} of {} has shape {}, expected {}", name, parameter_.name(),
                                   find(name).shape().to_string(), array->shape().to_string()));
    }
    *array = find(name);
  }
  const auto rates = find("rates").values<double>();
  rates_.assign(rates.begin(), rates.end());
  steps_ = static_cast<std::uint32_t>(rates_.size()) - 1;
  if (!arrays.contains("last")) return;
  begin_rows();
  for (std::size_t i = 0; i < last_.size(); ++i) last_[i] = static_cast<std::uint32_t>(find("last").at(static_cast<Index>(i)));
  if (!rests()) base_ = find("base");
}

}  // namespace tapegrad::optim
