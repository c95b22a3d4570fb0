// The numbers that training changes, and their names.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/random.h>

namespace tapegrad {

class Parameter;

// What an optimizer owes a parameter: updates of rows that it puts off until somebody reads them.
// Settling is safe from several threads at once.
class PendingRows {
 public:
  virtual ~PendingRows() = default;
  virtual void settle(std::span<const Index> rows) = 0;
  virtual void settle_all() = 0;
};

// A named array with a version, which changes whenever its numbers do.
class Parameter {
 public:
  // `owner` is there as long as the set of parameters that it belongs to; empty for one on its own.
  Parameter(std::string name, Array value, std::size_t index, std::weak_ptr<const void> owner = {});
  Parameter(const Parameter&) = delete;
  Parameter& operator=(const Parameter&) = delete;

  const std::string& name() const { return name_; }
  // The place in its Parameters.
  std::size_t index() const { return index_; }
  // No other parameter of the program has it, nor will: addresses are used again.
  std::uint64_t serial() const { return serial_; }
  const Shape& shape() const { return shape_; }
  Dtype dtype() const { return dtype_; }
  const std::weak_ptr<const void>& owner() const { return owner_; }
  std::uint64_t version() const { return version_; }

  // The numbers, with all that an optimizer owed them.
  const Array& value() const;
  // The numbers to be changed: the version goes up. An array of another shape or type must not take
  // their place: whoever uses the parameter next throws.
  Array& mutable_value();
  // Throws ShapeError if another array was put in the place of the parameter's.
  void check_value() const {
    if (value_.shape() != shape_ || value_.dtype() != dtype_) throw_replaced();
  }
  // Throws ShapeError unless the shape is the parameter's; converts the element type.
  void assign(const Array& value);
  // What assign() would put in.
  Array converted(const Array& value) const;

  // A frozen parameter takes part in no gradient.
  bool frozen() const { return frozen_; }
  void freeze(bool frozen = true) { frozen_ = frozen; }
  // The name of a group that optimizers may treat apart; empty unless set.
  const std::string& group() const { return group_; }
  void set_group(std::string group) { group_ = std::move(group); }

  // For the executor and optimizers: the numbers as they stand, rows that are owed something
  // included.
  const Array& unsettled_value() const { return value_; }
  Array& unsettled_value() { return value_; }
  PendingRows* pending() const { return pending_.get(); }
  void set_pending(std::shared_ptr<PendingRows> pending) { pending_ = std::move(pending); }
  void count_version() { ++version_; }

 private:
  [[noreturn]] void throw_replaced() const;

  std::string name_;
  std::string group_;
  Array value_;
  Shape shape_;
  Dtype dtype_;
  std::weak_ptr<const void> owner_;
  std::shared_ptr<PendingRows> pending_;
  std::uint64_t version_ = 0;
  std::uint64_t serial_ = 0;
  std::size_t index_ = 0;
  bool frozen_ = false;
};

// Fills a new parameter's array; the random numbers are the parameter's own.
using Initialiser = std::function<void(Array&, Random&)>;
// Gives a new parameter's array, by name and shape, in the place of its initialiser. Throws for one
// that it cannot give.
using ParameterSource = std::function<Array(const std::string& name, const Shape& shape)>;

class Parameters;

// A place in the tree of names: scope / "lstm" / "bias". The parameters must outlive it.
class Scope {
 public:
  Scope(Parameters& parameters, std::string path)
      : parameters_(&parameters), path_(std::move(path)) {}
  // Moves are copies: one that lost its path would be the root.
  Scope(const Scope&) = default;
  Scope& operator=(const Scope&) = default;
  Scope operator/(std::string_view name) const;
  // "encoder/lstm"; empty at the root.
  const std::string& path() const { return path_; }
  Parameters& parameters() const { return *parameters_; }
  // Makes a parameter here. Throws ValueError for a name that is empty, has a slash or is taken.
  Parameter& parameter(std::string_view name, const Shape& shape,
                       const Initialiser& initialise) const;

 private:
  Parameters* parameters_;
  std::string path_;
};

// The parameters of a model, in the order in which they were made. They stay where they are, so
// layers may point at them, and must not be used when they are gone. Tapes and gradients notice:
// running a tape that recorded a parameter that is gone, or asking gradients for one, throws.
class Parameters {
 public:
  using Snapshot = std::vector<Array>;

  // A parameter's first numbers depend on the seed and its name, not on the order of making.
  explicit Parameters(std::uint64_t seed = 0, Dtype dtype = Dtype::float32);
  // Numbers from elsewhere, such as a file: no memory is taken for a parameter before `source` has
  // seen its name and shape, and no random numbers are made.
  explicit Parameters(ParameterSource source, std::uint64_t seed = 0, Dtype dtype = Dtype::float32);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  Scope root() { return {*this, ""}; }
  // No other set of parameters of the program has it, nor will.
  std::uint64_t serial() const { return serial_; }
  // Throws, and adds nothing, if the name is taken, the initialiser throws or changes the array's
  // shape.
  Parameter& add(const std::string& name, const Shape& shape, const Initialiser& initialise);

  std::size_t size() const { return items_.size(); }
  // Numbers in all parameters together.
  Index count() const;
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

  // Throws ValueError for a name that there is not, naming the closest one.
  Parameter& at(std::string_view name);
  const Parameter& at(std::string_view name) const;
  bool contains(std::string_view name) const { return by_name_.contains(name); }
  // The parameter that can be changed, for one of ours. Throws ValueError for another model's.
  Parameter& own(const Parameter& parameter);

  // Freezes every parameter whose name starts with `prefix`, or sets its group; says how many.
  // Throws ValueError for none.
  std::size_t freeze(std::string_view prefix, bool frozen = true);
  std::size_t set_group(std::string_view prefix, const std::string& group);

  Snapshot snapshot() const;
  // Throws ShapeError unless the snapshot is of these parameters, and then changes none.
  void restore(const Snapshot& snapshot);
  // Settles what an optimizer owes, so that several tapes may read at once.
  void settle();

 private:
  Array first_value(const std::string& name, const Shape& shape,
                    const Initialiser& initialise) const;
  template <class Action>
  std::size_t for_prefix(std::string_view prefix, Action action);

  std::shared_ptr<const char> alive_ = std::make_shared<const char>();  // the parameters' owner
  std::uint64_t serial_;
  std::uint64_t seed_;
  Dtype dtype_;
  ParameterSource source_;
  std::deque<Parameter> items_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace tapegrad
