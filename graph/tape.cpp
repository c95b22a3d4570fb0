#include <tapegrad/graph/tape.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/leaf_operations.h>
#include <tapegrad/graph/runner.h>

namespace tapegrad {

Tape::Tape(const TapeOptions& options)
    : options_(options),
      inference_(types_, options.dtype),
      scope_paths_(1),
      known_(64),
      training_(options.training) {
  if (!is_floating(options.dtype))
    throw ValueError(
        fmt::format("a tape's element type is float32 or float64, got {}", name_of(options.dtype)));
  if (options.threads < 0)
    throw ValueError(fmt::format("threads must not be negative, got {}", options.threads));
  runner_ = std::make_unique<Runner>(*this);
}

Tape::~Tape() = default;

void Tape::clear() {
  runner_->clear();
  structure_.nodes.clear();
  structure_.inputs.clear();
  traces_.clear();
  calls_.clear();
  leaves_.clear();
  kept_.clear();
  assignments_.clear();
  random_ordinal_ = 0;
  known_count_ = 0;
  ++generation_;
  ++step_;
  if (types_.full() || inference_.full() || scope_paths_.size() > TypeTable::most_entries ||
      runner_->full())
    forget_past();
}

// Types, attributes and paths go together with all that refers to them by number or place.
void Tape::forget_past() {
  runner_->forget_plans();
  types_.clear();
  inference_.forget();
  const std::vector<std::string> paths = std::exchange(scope_paths_, std::vector<std::string>(1));
  scope_numbers_.clear();
  for (LayerScope* open = innermost_; open != nullptr; open = open->outer_)
    open->number_ = scope_number(paths[open->number_]);
  scope_ = innermost_ == nullptr ? 0 : innermost_->number_;
}

void Tape::check(const Tensor& tensor, std::string_view what) const {
  if (!tensor) throw TapeError(fmt::format("{}: the tensor is empty", what));
  if (&tensor.tape() != this)
    throw TapeError(fmt::format("{}: the tensor belongs to another tape", what));
  if (tensor.generation() != generation_ || tensor.node() >= structure_.count()) {
    throw TapeError(fmt::format("{}: the tensor was recorded before its tape was cleared", what));
  }
}

// The path of nearly every node, unrolled and inlined into record(): no call but for growing
// memory.
template <std::size_t count>
inline Tensor Tape::record_again(const Operation& operation, const Tensor* const (&inputs)[count],
                                 AttributesId attributes, SourceLine line) {
  const std::size_t nodes = structure_.nodes.size();
  TypeId types[count];
  NodeId ids[count];
  for (std::size_t i = 0; i < count; ++i) {
    const Tensor& input = *inputs[i];
    if (input.tape_ != this || input.generation_ != generation_ || input.node_ >= nodes) return {};
    ids[i] = input.node_;
    types[i] = structure_.nodes[input.node_].type;
  }
  const TypeId* type =
      inference_.known(operation, attributes, std::span<const TypeId, count>(types));
  if (type == nullptr) return {};
  const NodeId node = add_node(operation, ids, attributes, *type, line);
  if (options_.eager && recording_for_ == no_node) run_eagerly(node);  // gradients run as a whole
  return tensor(node);
}

void Tape::check_inputs(const Operation& operation, std::span<const Tensor> inputs) const {
  for (const Tensor& input : inputs) {
    if (input.tape_ != this || input.generation_ != generation_ ||
        input.node_ >= structure_.nodes.size())
      check(input, told_name(operation.name));
  }
}

Tensor Tape::record(const Operation& operation, std::span<const Tensor> inputs,
                    std::span<const std::byte> attributes, SourceLine line) {
  return record_anew(operation, inputs, intern(attributes), line);
}

Tensor Tape::record_anew(const Operation& operation, std::span<const Tensor> inputs,
                         AttributesId attributes, SourceLine line) {
  check_inputs(operation, inputs);
  input_ids_.clear();
  input_types_.clear();
  for (const Tensor& input : inputs) {
    input_ids_.push_back(input.node());
    input_types_.push_back(structure_.nodes[input.node()].type);
  }
  TypeId type = 0;
  try {
    type = inference_.output(operation, attributes, input_types_);
  } catch (const Error& error) {
    const std::string message =
        fmt::format("{}: {}; {}", told_name(operation.name), error.what(), place(inputs, line));
    if (dynamic_cast<const ValueError*>(&error) != nullptr) throw ValueError(message);
    throw ShapeError(message);
  }
  const NodeId node = add_node(operation, input_ids_, attributes, type, line);
  if (options_.eager && recording_for_ == no_node) run_eagerly(node);
  return tensor(node);
}

namespace {

template <class T>
inline void make_room(std::vector<T>& elements, std::size_t more) {
  if (elements.capacity() - elements.size() < more)
    elements.reserve(2 * elements.capacity() + more);
}

// Appends where room was made. Saying so spares push_back's own check.
template <class T>
inline void append(std::vector<T>& elements, const T& element) {
  if (elements.size() == elements.capacity()) __builtin_unreachable();
  elements.push_back(element);
}

}  // namespace

template <class Inputs>
inline NodeId Tape::add_node(const Operation& operation, const Inputs& inputs,
                             AttributesId attributes, TypeId type, SourceLine line) {
  // First the room for it, so that what throws leaves the recording as it was.
  make_room(structure_.nodes, 1);
  make_room(structure_.inputs, std::size(inputs));
  make_room(traces_, 1);
  const auto id = static_cast<NodeId>(structure_.nodes.size());
  const std::uint32_t flags = gradients_on_ ? 0 : Node::no_gradient_flag;
  append(structure_.nodes, {&operation, attributes | flags, type,
                            static_cast<std::uint32_t>(structure_.inputs.size()),
                            static_cast<std::uint32_t>(std::size(inputs))});
  for (const NodeId input : inputs) append(structure_.inputs, input);
  append(traces_, trace_of(line));
  return id;
}

void Tape::run_eagerly(NodeId node) {
  try {
    runner_->evaluate(node);
  } catch (...) {
    take_back(node);
    throw;
  }
}

// The newest node, which is no leaf.
void Tape::take_back(NodeId node) {
  truncate({node, structure_.nodes[node].first_input, random_ordinal_, leaves_.mark()});
}

Tensor Tape::add_leaf(const Operation& operation, const Type& type, SourceLine line,
                      std::uint32_t flags) {
  make_room(structure_.nodes, 1);
  make_room(traces_, 1);
  const auto id = static_cast<NodeId>(structure_.nodes.size());
  append(structure_.nodes, {&operation, flags, types_.intern(type), leaves_.size() - 1, 0});
  append(traces_, trace_of(line));
  return tensor(id);
}

Tensor Tape::detach(const Tensor& tensor, SourceLine line) {
  check(tensor, "detach");
  const NoGradient guard(*this);
  return this->tensor(add_node(detach_operation, std::array{tensor.node()}, 0,
                               structure_.nodes[tensor.node()].type, line));
}

Tape::Mark Tape::mark() const {
  return {structure_.count(), structure_.inputs.size(), random_ordinal_, leaves_.mark()};
}

void Tape::truncate(const Mark& mark) {
  structure_.nodes.resize(mark.nodes);
  structure_.inputs.resize(mark.inputs);
  traces_.resize(mark.nodes);
  while (!calls_.empty() && !is_calling() && calls_.back().begin >= mark.nodes) calls_.pop_back();
  random_ordinal_ = mark.random_ordinal;
  leaves_.truncate(mark.leaves);
  runner_->forget_from(mark.nodes);
}

void Tape::evaluate(const Tensor& tensor) {
  check(tensor, "evaluate");
  runner_->evaluate(tensor.node());
}

const void* Tape::value(const Tensor& tensor) {
  check(tensor, "value");
  return runner_->value(tensor.node());
}

Gradients Tape::backward(const Tensor& loss) {
  check(loss, "backward");
  return runner_->backward(loss.node());
}

void Tape::keep(const Tensor& tensor) {
  check(tensor, "keep");
  if (std::ranges::find(kept_, tensor.node()) == kept_.end()) kept_.push_back(tensor.node());
}

void Tape::assign_after_run(Parameter& target, const Tensor& value) {
  check(value, "assign_after_run");
  target.check_value();
  if (value.shape() != target.shape()) {
    throw ShapeError(fmt::format("assign_after_run: parameter {} has shape {}, the value {}",
                                 target.name(), target.shape().to_string(),
                                 value.shape().to_string()));
  }
  leaves_.note_owner(target);
  assignments_.push_back({&target, value.node()});
}

Tensor Tape::assigned(const Parameter& target, SourceLine line) {
  for (std::size_t i = assignments_.size(); i-- > 0;) {
    if (assignments_[i].target == &target) return tensor(assignments_[i].node);
  }
  return (*this)(target, line);
}

std::uint32_t Tape::scope_number(std::string_view path) {
  const auto found = scope_numbers_.find(path);
  if (found != scope_numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(scope_paths_.size());
  scope_paths_.emplace_back(path);
  scope_numbers_.emplace(path, number);
  return number;
}

std::string Tape::path_of(NodeId node) const {
  if (const std::uint32_t scope = traces_[node].scope; scope != 0) return scope_paths_[scope];
  // In plain structs nobody opens scopes: the nearest parameter's path says most. Bounded, for
  // tapes without any.
  std::vector<NodeId> queue{node};
  for (std::size_t at = 0; at < queue.size() && at < 200; ++at) {
    const Node& candidate = structure_.nodes[queue[at]];
    if (candidate.is_leaf() && leaves_[candidate.first_input].parameter != nullptr &&
        !leaves_.parameters_gone())
      return leaves_[candidate.first_input].parameter->name();
    const auto inputs = structure_.inputs_of(candidate);
    queue.insert(
        queue.end(), inputs.begin(),
        inputs.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(inputs.size(), 16)));
  }
  return "";
}

std::string_view Tape::called(NodeId node) const {
  while (traces_[node].gradient_of != no_node) node = traces_[node].gradient_of;
  const auto after = std::ranges::upper_bound(calls_, node, {}, &Call::begin);
  if (after != calls_.begin() && node < std::prev(after)->end) return std::prev(after)->name;
  return structure_.nodes[node].operation->name;
}

std::string Tape::place_of(NodeId node) const {
  const SourceLine line = traces_[node].line;
  const std::string path = path_of(node);
  return fmt::format("{}{}at {}:{}", path, path.empty() ? "" : " ", line.file, line.line);
}

std::string Tape::place(std::span<const Tensor> inputs, SourceLine line) const {
  std::string path = scope_paths_[scope_];
  for (const Tensor& input : inputs) {
    if (path.empty() && input.node() < structure_.count()) path = path_of(input.node());
  }
  return fmt::format("{}{}at {}:{}", path, path.empty() ? "" : " ", line.file, line.line);
}

Tensor detach(const Located& x) { return x.tensor.tape().detach(x.tensor, x.line); }

Tensor record(const Operation& operation, std::span<const Tensor> inputs,
              std::span<const std::byte> attributes, SourceLine line) {
  if (inputs.empty())
    throw TapeError(fmt::format("{}: needs at least one tensor to know its tape", operation.name));
  return inputs[0].tape().record(operation, inputs, attributes, line);
}

Tensor record(const Operation& operation, const Located& x, std::span<const std::byte> attributes) {
  Tape& tape = x.tensor.tape();
  const Tensor* const inputs[] = {&x.tensor};
  if (const Tensor known = tape.record_again(operation, inputs, tape.intern(attributes), x.line))
    return known;
  return tape.record(operation, {&x.tensor, 1}, attributes, x.line);
}

Tensor record(const Operation& operation, const Located& x, const Located& y,
              std::span<const std::byte> attributes) {
  Tape& tape = x.tensor.tape();
  const Tensor* const inputs[] = {&x.tensor, &y.tensor};
  if (const Tensor known = tape.record_again(operation, inputs, tape.intern(attributes), x.line))
    return known;
  const Tensor both[] = {x.tensor, y.tensor};
  return tape.record(operation, both, attributes, x.line);
}

Tensor record(const Operation& operation, const Located& x, const Located& y, const Located& z) {
  Tape& tape = x.tensor.tape();
  const Tensor* const inputs[] = {&x.tensor, &y.tensor, &z.tensor};
  if (const Tensor known = tape.record_again(operation, inputs, 0, x.line)) return known;
  const Tensor all[] = {x.tensor, y.tensor, z.tensor};
  return tape.record(operation, all, {}, x.line);
}

template Tensor Tape::record_again<1>(const Operation&, const Tensor* const (&)[1], AttributesId,
                                      SourceLine);
template Tensor Tape::record_again<2>(const Operation&, const Tensor* const (&)[2], AttributesId,
                                      SourceLine);
template Tensor Tape::record_again<3>(const Operation&, const Tensor* const (&)[3], AttributesId,
                                      SourceLine);

}  // namespace tapegrad
