// The tape: records operations as nodes of a DAG, and hands what is asked of it to the runner.
#pragma once

#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/gradients.h>
#include <tapegrad/graph/leaf_store.h>
#include <tapegrad/graph/options.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/source_line.h>
#include <tapegrad/graph/structure.h>
#include <tapegrad/graph/tensor.h>
#include <tapegrad/graph/type_inference.h>

namespace tapegrad {

class CalledAs;
class LayerScope;
class Runner;

// Recording appends a node and infers its shape; nothing is computed until somebody asks: value(),
// backward(). clear() begins the next recording and keeps memory and plans. One thread records and
// runs a tape; two tapes never share anything but parameters. What throws leaves the recording as
// it was. Tensors must not be used when their tape is gone.
class Tape {
 public:
  explicit Tape(const TapeOptions& options = {});
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  const TapeOptions& options() const { return options_; }
  Dtype dtype() const { return options_.dtype; }

  // Forgets all nodes; their Tensors, and shapes that these gave, become stale. The step, which
  // random operations see, goes up by one. What a tape keeps from recording to recording is
  // bounded, also if every recording is another: memory for the largest so far, plans up to
  // TapeOptions::plan_cache_bytes, and 65,536 each of types, attributes (such as slices' ranges),
  // answers of shape rules and layer paths; a tape that has met more forgets them all, and its
  // plans.
  void clear();
  std::uint64_t step() const { return step_; }
  void set_step(std::uint64_t step) { step_ = step; }

  // Leaves. Numbers are copied when recorded, converted to the tape's element type, or to int64 for
  // integers.
  Tensor input(const Array& array, SourceLine line = SourceLine::here());
  Tensor input(std::span<const float> values, const Shape& shape,
               SourceLine line = SourceLine::here());
  Tensor input(std::span<const double> values, const Shape& shape,
               SourceLine line = SourceLine::here());
  Tensor ids(std::span<const Index> values, const Shape& shape,
             SourceLine line = SourceLine::here());
  Tensor ids(std::span<const Index> values, SourceLine line = SourceLine::here());
  Tensor ids(std::span<const std::int32_t> values, SourceLine line = SourceLine::here());
  // A scalar; it may differ from step to step without a new plan.
  Tensor constant(double value, SourceLine line = SourceLine::here());
  // A tensor full of one value.
  Tensor full(const Shape& shape, double value, SourceLine line = SourceLine::here());
  // Not copied: the array must stay and keep its numbers until the tape is cleared. It must be of
  // the tape's element type.
  Tensor borrow(const Array& array, SourceLine line = SourceLine::here());
  // It would be gone before it is read.
  Tensor borrow(Array&& array, SourceLine line = SourceLine::here()) = delete;
  // The parameter's leaf, the same for every call of a recording.
  Tensor operator()(const Parameter& parameter, SourceLine line = SourceLine::here());

  // Computes `tensor`, and keeps what it computed for it until clear().
  void evaluate(const Tensor& tensor);
  // What the tape holds of a computed tensor: contiguous numbers, valid until clear().
  const void* value(const Tensor& tensor);
  // The loss's gradients for the parameters that it reaches. The loss's value is kept.
  Gradients backward(const Tensor& loss);
  // Marks a tensor whose value backward() shall keep too.
  void keep(const Tensor& tensor);
  // Copies the node's value into the parameter after the next backward() of this recording
  // succeeded, in the order of the calls.
  void assign_after_run(Parameter& target, const Tensor& value);
  // What the parameter will hold then: the last value that this recording assigns to it, else the
  // parameter.
  Tensor assigned(const Parameter& target, SourceLine line = SourceLine::here());

  // Uses these numbers for a parameter instead of its own, until told otherwise: what gradcheck
  // perturbs. The array must stay. Throws ShapeError unless it has the parameter's shape.
  void substitute(const Parameter& parameter, const Array* value);
  bool substitutes(const Parameter& parameter) const {
    return substitutes_.contains(parameter.serial());
  }

  bool training() const { return training_; }

  // For operations, the engine and its tests.
  Tensor record(const Operation& operation, std::span<const Tensor> inputs,
                std::span<const std::byte> attributes, SourceLine line);
  Tensor detach(const Tensor& tensor, SourceLine line);
  // Records the operation if its shape rule has spoken of inputs of these types; else returns an
  // empty Tensor. Inputs are passed by their places: copies of handles that were just made would
  // wait for these to reach the cache.
  template <std::size_t count>
  Tensor record_again(const Operation& operation, const Tensor* const (&inputs)[count],
                      AttributesId attributes, SourceLine line);
  AttributesId intern(std::span<const std::byte> attributes) {
    return attributes.empty() ? 0 : types_.intern(attributes);
  }
  // The number of the next random operation: part of its attributes, so that each draws other
  // numbers.
  std::uint32_t next_random_ordinal() { return random_ordinal_++; }
  void check(const Tensor& tensor, std::string_view what) const;
  // What an error of recording this operation names: the function that the user called.
  std::string_view told_name(std::string_view operation) const {
    return is_calling() ? calls_.back().name : operation;
  }
  // What an error of running a node names: the function that the user called and that recorded it,
  // or its operation. Of a node that a gradient needs, that of the node whose gradient it is.
  std::string_view called(NodeId node) const;
  Tensor tensor(NodeId node) { return {*this, node, generation_}; }
  const Structure& structure() const { return structure_; }
  const TypeTable& types() const { return types_; }
  const Type& type_of(NodeId node) const { return types_[structure_.nodes[node].type]; }
  LeafStore& leaves() { return leaves_; }
  const LeafStore& leaves() const { return leaves_; }
  std::uint32_t generation() const { return generation_; }
  Runner& runner() { return *runner_; }
  const std::vector<NodeId>& kept() const { return kept_; }
  struct Assignment {
    Parameter* target;
    NodeId node;
  };
  const std::vector<Assignment>& assignments() const { return assignments_; }
  void forget_assignments() { assignments_.clear(); }

  // "lstm/input at model.cpp:41": the layer path and the user's line of a node.
  std::string place_of(NodeId node) const;
  // The same for a node that is about to be recorded.
  std::string place(std::span<const Tensor> inputs, SourceLine line) const;
  std::string path_of(NodeId node) const;
  SourceLine line_of(NodeId node) const { return traces_[node].line; }
  std::uint32_t scope_of(NodeId node) const { return traces_[node].scope; }
  // The node whose gradient `node` helps to compute; no_node for what the program recorded itself.
  NodeId gradient_of(NodeId node) const { return traces_[node].gradient_of; }

  // Recording on behalf of `node`: what is recorded has its line and its path. no_node ends it.
  void record_for(NodeId node) { recording_for_ = node; }
  NodeId recording_for() const { return recording_for_; }
  // Takes back the nodes recorded since the mark.
  struct Mark {
    NodeId nodes = 0;
    std::size_t inputs = 0;
    std::uint32_t random_ordinal = 0;
    LeafStore::Mark leaves;
  };
  Mark mark() const;
  void truncate(const Mark& mark);

 private:
  friend class CalledAs;
  friend class LayerScope;
  friend class NoGradient;
  friend class EvaluationMode;

  struct Trace {
    SourceLine line;
    std::uint32_t scope = 0;
    NodeId gradient_of = no_node;
  };
  // The nodes [begin, end) that a function recorded (CalledAs); while it records, there is no end.
  struct Call {
    NodeId begin, end;
    std::string_view name;
  };
  // Of a node that is about to be recorded.
  Trace trace_of(SourceLine line) const {
    if (recording_for_ == no_node) return {line, scope_};
    return {traces_[recording_for_].line, traces_[recording_for_].scope, recording_for_};
  }
  bool is_calling() const { return !calls_.empty() && calls_.back().end == no_node; }
  struct Known {
    std::uint64_t parameter = 0;  // its serial
    NodeId node = no_node;
    std::uint32_t generation = 0;
  };
  struct StringHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  void check_inputs(const Operation& operation, std::span<const Tensor> inputs) const;
  Tensor record_anew(const Operation& operation, std::span<const Tensor> inputs,
                     AttributesId attributes, SourceLine line);
  template <class Inputs>
  NodeId add_node(const Operation& operation, const Inputs& inputs, AttributesId attributes,
                  TypeId type, SourceLine line);
  Tensor add_leaf(const Operation& operation, const Type& type, SourceLine line,
                  std::uint32_t flags = 0);
  template <class T>
  Tensor add_input(std::span<const T> values, const Shape& shape, SourceLine line);
  void run_eagerly(NodeId node);
  void take_back(NodeId node);
  Known& known(const Parameter& parameter);
  std::uint32_t scope_number(std::string_view path);
  void forget_past();

  TapeOptions options_;
  Structure structure_;
  TypeTable types_;
  TypeInference inference_;
  LeafStore leaves_;
  std::vector<Trace> traces_;
  std::vector<std::string> scope_paths_;
  std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>> scope_numbers_;
  std::vector<NodeId> input_ids_;  // of the node that is being recorded, and
  std::vector<TypeId> input_types_;
  std::vector<Known> known_;  // open addressing by parameter
  std::size_t known_count_ = 0;
  // By the parameter's serial; as many as the caller asked for.
  std::unordered_map<std::uint64_t, const Array*> substitutes_;
  std::vector<NodeId> kept_;
  std::vector<Assignment> assignments_;
  std::uint64_t step_ = 0;
  std::uint32_t generation_ = 1;
  std::uint32_t scope_ = 0;
  LayerScope* innermost_ = nullptr;  // of the scopes that are open
  std::uint32_t random_ordinal_ = 0;
  NodeId recording_for_ = no_node;
  // Of functions that the user called and that record more than one operation, ascending.
  std::vector<Call> calls_;
  bool gradients_on_ = true;
  bool training_ = true;
  std::unique_ptr<Runner> runner_;
};

// While it lives, nodes of its tape belong to the layer `path`.
class LayerScope {
 public:
  LayerScope(Tape& tape, std::string_view path)
      : tape_(tape), number_(tape.scope_number(path)), outer_(tape.innermost_) {
    tape.scope_ = number_;
    tape.innermost_ = this;
  }
  ~LayerScope() {
    tape_.innermost_ = outer_;
    tape_.scope_ = outer_ == nullptr ? 0 : outer_->number_;
  }
  LayerScope(const LayerScope&) = delete;
  LayerScope& operator=(const LayerScope&) = delete;

 private:
  friend class Tape;
  Tape& tape_;
  std::uint32_t number_;  // of the path
  LayerScope* outer_;
};

// While it lives, nodes recorded on its tape pass no gradient on.
class NoGradient {
 public:
  explicit NoGradient(Tape& tape) : tape_(tape), outer_(tape.gradients_on_) {
    tape.gradients_on_ = false;
  }
  ~NoGradient() { tape_.gradients_on_ = outer_; }
  NoGradient(const NoGradient&) = delete;
  NoGradient& operator=(const NoGradient&) = delete;

 private:
  Tape& tape_;
  bool outer_;
};

// While it lives, layers behave as in evaluation: no dropout.
class EvaluationMode {
 public:
  explicit EvaluationMode(Tape& tape) : tape_(tape), outer_(tape.training_) {
    tape.training_ = false;
  }
  ~EvaluationMode() { tape_.training_ = outer_; }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  Tape& tape_;
  bool outer_;
};

// The same number with no way back: gradients stop here.
Tensor detach(const Located& x);

}  // namespace tapegrad
