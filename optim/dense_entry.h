// For rules that move every row at every step: row-sparse gradients are made dense first.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <tapegrad/optim/optimizer.h>

namespace tapegrad::optim {

class DenseEntries : public ParameterState {
 public:
  DenseEntries(const Parameter& parameter, std::shared_ptr<ParameterState> rule)
      : rule_(std::move(rule)), dense_(parameter.shape(), parameter.dtype()) {}

  void update(const GradientEntry& entry, double factor, double learning_rate) override {
    if (!entry.sparse) {
      rule_->update(entry, factor, learning_rate);
      return;
    }
    std::fill_n(dense_.data(), dense_.bytes(), std::byte{0});
    const auto row_bytes = static_cast<std::size_t>(entry.width()) * size_of(entry.dtype);
    const auto* from = static_cast<const std::byte*>(entry.values);
    for (std::size_t i = 0; i < entry.rows.size(); ++i) {
      std::copy_n(from + i * row_bytes, row_bytes,
                  dense_.data() + static_cast<std::size_t>(entry.rows[i]) * row_bytes);
    }
    GradientEntry whole = entry;
    whole.sparse = false;
    whole.rows = {};
    whole.values = dense_.data();
    whole.count = dense_.size();
    rule_->update(whole, factor, learning_rate);
  }
  std::map<std::string, Array> arrays() override { return rule_->arrays(); }
  void restore(const std::map<std::string, Array>& arrays) override { rule_->restore(arrays); }
  void begin_restored() override { rule_->begin_restored(); }

 private:
  std::shared_ptr<ParameterState> rule_;
  Array dense_;
};

}  // namespace tapegrad::optim
