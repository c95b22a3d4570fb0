#include <tapegrad/graph/gradients.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

template <class T>
double sum_of_squares(std::span<const T> values) {
  // Eight accumulators: a fixed order that vectorises.
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    for (std::size_t j = 0; j < 8; ++j)
      sums[j] += static_cast<double>(values[i + j]) * static_cast<double>(values[i + j]);
  }
  for (; i < values.size(); ++i)
    sums[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

double sum_of_squares(const GradientEntry& entry) {
  return entry.dtype == Dtype::float32 ? sum_of_squares(entry.as<float>())
                                       : sum_of_squares(entry.as<double>());
}

// Adds factor * entry into a dense array of the parameter's shape.
template <class T>
void add_into(std::span<T> dense, const GradientEntry& entry, double factor) {
  const auto values = entry.as<T>();
  if (!entry.sparse) {
    for (std::size_t i = 0; i < values.size(); ++i) dense[i] += static_cast<T>(factor) * values[i];
    return;
  }
  const Index width = entry.width();
  for (std::size_t r = 0; r < entry.rows.size(); ++r) {
    T* to = dense.data() + entry.rows[r] * width;
    const T* from = values.data() + static_cast<Index>(r) * width;
    for (Index c = 0; c < width; ++c) to[c] += static_cast<T>(factor) * from[c];
  }
}

Array dense_array(const GradientEntry& entry, double factor) {
  Array array(entry.parameter->shape(), entry.dtype);
  if (entry.dtype == Dtype::float32)
    add_into(array.values<float>(), entry, factor);
  else
    add_into(array.values<double>(), entry, factor);
  return array;
}

// Owners are few: models, not parameters.
void add_owner(ResultBlock& block, const std::weak_ptr<const void>& owner) {
  const auto same = [&](const auto& known) {
    return !known.owner_before(owner) && !owner.owner_before(known);
  };
  if (!owner.expired() && std::ranges::none_of(block.owners, same)) block.owners.push_back(owner);
}

// A block that grows by whole pieces; spans are fixed up at the end, when nothing moves any more.
class BlockBuilder {
 public:
  void add(const GradientEntry& entry, std::vector<Index> rows, Array values) {
    pieces_.push_back({entry, std::move(rows), std::move(values)});
  }
  std::shared_ptr<const ResultBlock> build() const {
    auto block = std::make_shared<ResultBlock>();
    for (const Piece& piece : pieces_) add_owner(*block, piece.entry.parameter->owner());
    std::size_t bytes = 0;
    for (const Piece& piece : pieces_)
      bytes += padded(piece.rows.size() * sizeof(Index)) + padded(piece.values.bytes());
    block->bytes.reserve(std::max<std::size_t>(bytes, 1));
    std::byte* at = block->bytes.data();
    for (const Piece& piece : pieces_) {
      GradientEntry entry = piece.entry;
      copy_bytes(at, piece.rows.data(), piece.rows.size() * sizeof(Index));
      entry.rows = {reinterpret_cast<const Index*>(at), piece.rows.size()};
      at += padded(piece.rows.size() * sizeof(Index));
      copy_bytes(at, piece.values.data(), piece.values.bytes());
      entry.values = at;
      entry.count = piece.values.size();
      at += padded(piece.values.bytes());
      block->entries.push_back(entry);
    }
    return block;
  }

 private:
  struct Piece {
    GradientEntry entry;
    std::vector<Index> rows;
    Array values;
  };
  static std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  std::vector<Piece> pieces_;
};

template <class T>
void add_row(std::span<T> sum, Index at, const GradientEntry& entry, std::size_t row,
             double factor) {
  const Index width = entry.width();
  const T* from = entry.as<T>().data() + static_cast<Index>(row) * width;
  for (Index c = 0; c < width; ++c)
    sum[static_cast<std::size_t>(at * width + c)] += static_cast<T>(factor) * from[c];
}

template <class T>
void add_rows(std::span<T> sum, std::span<const Index> rows, const GradientEntry& entry,
              double factor) {
  for (std::size_t r = 0; r < entry.rows.size(); ++r) {
    add_row(sum, std::ranges::lower_bound(rows, entry.rows[r]) - rows.begin(), entry, r, factor);
  }
}

// The sum of one or two row-sparse entries of one parameter.
void add_sparse(BlockBuilder& builder, const GradientEntry& left, double left_factor,
                const GradientEntry* right, double right_factor) {
  std::vector<Index> rows(left.rows.begin(), left.rows.end());
  if (right != nullptr) {
    rows.clear();
    std::ranges::set_union(left.rows, right->rows, std::back_inserter(rows));
  }
  Array values({static_cast<Index>(rows.size()), left.width()}, left.dtype);
  const auto add_all = [&]<class T>(std::span<T> sum) {
    add_rows(sum, rows, left, left_factor);
    if (right != nullptr) add_rows(sum, rows, *right, right_factor);
  };
  if (left.dtype == Dtype::float32)
    add_all(values.values<float>());
  else
    add_all(values.values<double>());
  builder.add(left, std::move(rows), std::move(values));
}

[[noreturn]] void unreached(std::string_view name) {
  throw ValueError(
      fmt::format("the loss does not reach parameter {}, so there is no gradient of it", name));
}

}  // namespace

void Gradients::check_parameters() const {
  if (block_ &&
      std::ranges::any_of(block_->owners, [](const auto& owner) { return owner.expired(); }))
    throw ValueError(
        "the gradients are of parameters that are gone: their Parameters was destroyed");
}

const GradientEntry* Gradients::find(std::string_view name) const {
  check_parameters();
  for (const GradientEntry& entry : entries()) {
    if (entry.parameter->name() == name) return &entry;
  }
  return nullptr;
}

// Two models may have the same names.
const GradientEntry* Gradients::find(const Parameter& parameter) const {
  check_parameters();
  const auto found = std::ranges::find(entries(), &parameter, &GradientEntry::parameter);
  return found == entries().end() ? nullptr : &*found;
}

Array Gradients::at(std::string_view name) const {
  const GradientEntry* entry = find(name);
  if (entry == nullptr) unreached(name);
  return dense_array(*entry, factor_);
}

Array Gradients::at(const Parameter& parameter) const {
  const GradientEntry* entry = find(parameter);
  if (entry == nullptr) unreached(parameter.name());
  return dense_array(*entry, factor_);
}

Array Gradients::at_or_zero(const Parameter& parameter) const {
  const GradientEntry* entry = find(parameter);
  return entry != nullptr ? dense_array(*entry, factor_)
                          : Array(parameter.shape(), parameter.dtype());
}

double Gradients::norm() const {
  double sum = 0.0;
  for (const GradientEntry& entry : entries()) sum += sum_of_squares(entry);
  return std::abs(factor_) * std::sqrt(sum);
}

double Gradients::norm(const Parameter& parameter) const {
  const GradientEntry* entry = find(parameter);
  return entry == nullptr ? 0.0 : std::abs(factor_) * std::sqrt(sum_of_squares(*entry));
}

Gradients Gradients::without(const Parameters& parameters) const {
  check_parameters();
  BlockBuilder builder;
  for (const GradientEntry& entry : entries()) {
    const std::string& name = entry.parameter->name();
    if (parameters.contains(name) && &parameters.at(name) == entry.parameter) continue;
    if (entry.sparse)
      add_sparse(builder, entry, factor_, nullptr, 0.0);
    else
      builder.add(entry, {}, dense_array(entry, factor_));
  }
  return Gradients(builder.build());
}

void Gradients::clamp(double limit) {
  check_parameters();
  BlockBuilder builder;
  const auto clamped = [&]<class T>(std::span<const T> from, std::span<T> to) {
    const auto factor = static_cast<T>(factor_);
    const auto bound = static_cast<T>(limit);
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i] = std::clamp(from[i] * factor, -bound, bound);
  };
  for (const GradientEntry& entry : entries()) {
    Array values({entry.count}, entry.dtype);
    if (entry.dtype == Dtype::float32)
      clamped(entry.as<float>(), values.values<float>());
    else
      clamped(entry.as<double>(), values.values<double>());
    builder.add(entry, {entry.rows.begin(), entry.rows.end()}, std::move(values));
  }
  block_ = builder.build();
  factor_ = 1.0;
}

Gradients& Gradients::operator+=(const Gradients& other) {
  if (!block_) return *this = other;
  check_parameters();
  other.check_parameters();
  BlockBuilder builder;
  for (const GradientEntry& entry : entries()) {
    const GradientEntry* match = other.find(*entry.parameter);
    if (match != nullptr && match->dtype != entry.dtype) {
      throw ValueError(fmt::format("gradients of {} are {} and {}: they do not add",
                                   entry.parameter->name(), name_of(entry.dtype),
                                   name_of(match->dtype)));
    }
    if (entry.sparse && (match == nullptr || match->sparse)) {
      add_sparse(builder, entry, factor_, match, other.factor_);
      continue;
    }
    Array sum = dense_array(entry, factor_);
    if (match != nullptr && entry.dtype == Dtype::float32)
      add_into(sum.values<float>(), *match, other.factor_);
    else if (match != nullptr)
      add_into(sum.values<double>(), *match, other.factor_);
    GradientEntry dense = entry;
    dense.sparse = false;
    builder.add(dense, {}, std::move(sum));
  }
  for (const GradientEntry& entry : other) {
    if (find(*entry.parameter) != nullptr) continue;
    if (entry.sparse)
      add_sparse(builder, entry, other.factor_, nullptr, 0.0);
    else
      builder.add(entry, {}, dense_array(entry, other.factor_));
  }
  block_ = builder.build();
  factor_ = 1.0;
  return *this;
}

}  // namespace tapegrad
