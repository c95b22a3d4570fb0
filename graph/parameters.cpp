#include <tapegrad/graph/parameters.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// How many letters must be put in, left out or changed.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

Parameter::Parameter(std::string name, Array value, std::size_t index,
                     std::weak_ptr<const void> owner)
    : name_(std::move(name)),
      value_(std::move(value)),
      shape_(value_.shape()),
      dtype_(value_.dtype()),
      owner_(std::move(owner)),
      serial_(next_serial()),
      index_(index) {}

const Array& Parameter::value() const {
  check_value();
  if (pending_) pending_->settle_all();
  return value_;
}

void Parameter::throw_replaced() const {
  throw ShapeError(fmt::format(
      "parameter {} is {} of {}, but an array {} of {} was put in its place; assign() checks this",
      name_, shape_.to_string(), name_of(dtype_), value_.shape().to_string(),
      name_of(value_.dtype())));
}

Array& Parameter::mutable_value() {
  if (pending_) pending_->settle_all();
  ++version_;
  return value_;
}

void Parameter::assign(const Array& value) { mutable_value() = converted(value); }

Array Parameter::converted(const Array& value) const {
  if (value.shape() != shape()) {
    throw ShapeError(fmt::format("parameter {} has shape {}, got {}", name_, shape().to_string(),
                                 value.shape().to_string()));
  }
  return value.to(dtype());
}

Scope Scope::operator/(std::string_view name) const {
  if (name.empty() || name.find('/') != std::string_view::npos) {
    throw ValueError(fmt::format(
        "a scope's name must not be empty nor have a slash, got \"{}\" in \"{}\"", name, path_));
  }
  return {*parameters_, path_.empty() ? std::string(name) : fmt::format("{}/{}", path_, name)};
}

Parameter& Scope::parameter(std::string_view name, const Shape& shape,
                            const Initialiser& initialise) const {
  return parameters_->add((*this / name).path(), shape, initialise);
}

Parameters::Parameters(std::uint64_t seed, Dtype dtype)
    : serial_(next_serial()), seed_(seed), dtype_(dtype) {}

Parameters::Parameters(ParameterSource source, std::uint64_t seed, Dtype dtype)
    : Parameters(seed, dtype) {
  source_ = std::move(source);
}

// The array of a new parameter.
Array Parameters::first_value(const std::string& name, const Shape& shape,
                              const Initialiser& initialise) const {
  if (source_) {
    Array value = source_(name, shape);
    if (value.shape() == shape && value.dtype() == dtype_) return value;
    throw ShapeError(fmt::format("parameter {} has shape {} of {}, its source gave {} of {}", name,
                                 shape.to_string(), name_of(dtype_), value.shape().to_string(),
                                 name_of(value.dtype())));
  }
  if (!initialise)
    throw ValueError(fmt::format("parameter {} needs an initialiser, got an empty function", name));
  Random random(seed_, stable_hash(name));
  Array value(shape, dtype_);
  initialise(value, random);
  if (value.shape() == shape && value.dtype() == dtype_) return value;
  throw ShapeError(fmt::format(
      "the initialiser of parameter {} made its array {} of {}, expected {} of {}", name,
      value.shape().to_string(), name_of(value.dtype()), shape.to_string(), name_of(dtype_)));
}

Parameter& Parameters::add(const std::string& name, const Shape& shape,
                           const Initialiser& initialise) {
  if (name.empty()) throw ValueError("a parameter needs a name");
  if (contains(name)) throw ValueError(fmt::format("parameter {} exists already", name));
  Array value = first_value(name, shape, initialise);
  // The initialiser may have added others.
  const auto [entry, is_new] = by_name_.emplace(name, items_.size());
  if (!is_new) throw ValueError(fmt::format("parameter {} exists already", name));
  try {
    return items_.emplace_back(name, std::move(value), items_.size(), alive_);
  } catch (...) {
    by_name_.erase(entry);
    throw;
  }
}

Index Parameters::count() const {
  Index total = 0;
  for (const Parameter& parameter : items_) total += parameter.shape().size();
  return total;
}

Parameter& Parameters::at(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return items_[found->second];
  if (items_.empty())
    throw ValueError(fmt::format("there is no parameter {}, nor any other", name));
  const auto closest = std::ranges::min_element(items_, {}, [&](const Parameter& parameter) {
    return edit_distance(parameter.name(), name);
  });
  throw ValueError(fmt::format("there is no parameter {} among {}; the closest name is {}", name,
                               items_.size(), closest->name()));
}

const Parameter& Parameters::at(std::string_view name) const {
  return const_cast<Parameters*>(this)->at(name);
}

Parameter& Parameters::own(const Parameter& parameter) {
  if (parameter.index() >= items_.size() || &items_[parameter.index()] != &parameter) {
    throw ValueError(
        fmt::format("parameter {} belongs to another set of parameters", parameter.name()));
  }
  return items_[parameter.index()];
}

template <class Action>
std::size_t Parameters::for_prefix(std::string_view prefix, Action action) {
  std::size_t count = 0;
  for (Parameter& parameter : items_) {
    if (!std::string_view(parameter.name()).starts_with(prefix)) continue;
    action(parameter);
    ++count;
  }
  if (count == 0) throw ValueError(fmt::format("no parameter's name starts with \"{}\"", prefix));
  return count;
}

std::size_t Parameters::freeze(std::string_view prefix, bool frozen) {
  return for_prefix(prefix, [&](Parameter& parameter) { parameter.freeze(frozen); });
}

std::size_t Parameters::set_group(std::string_view prefix, const std::string& group) {
  return for_prefix(prefix, [&](Parameter& parameter) { parameter.set_group(group); });
}

Parameters::Snapshot Parameters::snapshot() const {
  Snapshot values;
  for (const Parameter& parameter : items_) values.push_back(parameter.value());
  return values;
}

void Parameters::restore(const Snapshot& snapshot) {
  if (snapshot.size() != items_.size()) {
    throw ShapeError(fmt::format("the snapshot holds {} parameters, the model {}", snapshot.size(),
                                 items_.size()));
  }
  // All that may throw comes first.
  Snapshot values;
  for (std::size_t i = 0; i < items_.size(); ++i)
    values.push_back(items_[i].converted(snapshot[i]));
  for (std::size_t i = 0; i < items_.size(); ++i) items_[i].mutable_value() = std::move(values[i]);
}

void Parameters::settle() {
  for (const Parameter& parameter : items_) {
    if (parameter.pending() != nullptr) parameter.pending()->settle_all();
  }
}

}  // namespace tapegrad
