#include <tapegrad/graph/type_inference.h>

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

void check_arity(const Operation& operation, std::size_t count) {
  const Arity& arity = operation.inputs;
  if (arity.fits(count)) return;
  if (arity.most < arity.least)
    throw ValueError("the operation does not state how many inputs it takes");
  const std::string expected = arity.least == arity.most ? fmt::format("{}", arity.least)
                               : arity.most == Arity::one_or_more.most
                                   ? fmt::format("{} or more", arity.least)
                                   : fmt::format("{} to {}", arity.least, arity.most);
  throw ValueError(
      fmt::format("takes {} input{}, got {}", expected, expected == "1" ? "" : "s", count));
}

bool has_kernel(const Operation& operation, Dtype floating) {
  if (operation.form == Form::view || operation.form == Form::sum) return true;
  const bool single = floating == Dtype::float32;
  if (operation.form == Form::elementwise)
    return (single ? operation.elementwise_float : operation.elementwise_double) != nullptr;
  return (single ? operation.kernel_float : operation.kernel_double) != nullptr;
}

constexpr std::size_t first_places = 256;

}  // namespace

TypeInference::TypeInference(TypeTable& types, Dtype floating)
    : types_(types), floating_(floating) {
  resize(first_places);
}

void TypeInference::forget() {
  answers_.clear();
  resize(first_places);
}

void TypeInference::resize(std::size_t places) {
  const std::vector<Answer> old = std::exchange(answers_, std::vector<Answer>(places));
  shift_ = static_cast<unsigned>(64 - std::countr_zero(places));
  count_ = 0;
  for (const Answer& answer : old) {
    if (answer.operation != nullptr) remember(answer);
  }
}

void TypeInference::remember(const Answer& answer) {
  // At most a quarter is taken: most answers lie in their own place.
  if (4 * count_ >= answers_.size()) resize(4 * answers_.size());
  const std::span<const TypeId> inputs(answer.inputs, answer.count);
  std::size_t at = place(*answer.operation, answer.attributes, inputs);
  while (answers_[at].operation != nullptr) at = (at + 1) & (answers_.size() - 1);
  answers_[at] = answer;
  ++count_;
}

TypeId TypeInference::output(const Operation& operation, AttributesId attributes,
                             std::span<const TypeId> inputs) {
  const bool remembered = !inputs.empty() && inputs.size() <= most_remembered;
  if (remembered) {
    if (const TypeId* type = known(operation, attributes, inputs)) return *type;
  }
  const TypeId type = infer(operation, attributes, inputs);
  if (remembered && !full()) {
    Answer answer{.operation = &operation,
                  .attributes = attributes,
                  .count = static_cast<std::uint32_t>(inputs.size()),
                  .output = type};
    std::ranges::copy(inputs, answer.inputs);
    remember(answer);
  }
  return type;
}

TypeId TypeInference::infer(const Operation& operation, AttributesId attributes,
                            std::span<const TypeId> inputs) {
  check_arity(operation, inputs.size());
  if (!has_kernel(operation, floating_))
    throw ValueError(
        fmt::format("has no kernel for {}, the element type of the tape", name_of(floating_)));
  if (operation.shape == nullptr) return broadcast_type(operation, inputs);
  inferring_.clear();
  for (const TypeId input : inputs) inferring_.push_back(&types_[input]);
  const Type type = operation.shape({.inputs = inferring_,
                                     .attribute_bytes = types_.attributes(attributes),
                                     .floating = floating_});
  // Kernels compute with the tape's element type, and would take integers for that.
  if (!operation.moves && !is_floating(type.dtype) && !inputs.empty() &&
      !is_floating(types_[inputs[0]].dtype))
    throw ShapeError(
        fmt::format("takes floating-point inputs, got {}", name_of(types_[inputs[0]].dtype)));
  return types_.intern(type);
}

// Of an elementwise operation without a rule of its own.
TypeId TypeInference::broadcast_type(const Operation& operation, std::span<const TypeId> inputs) {
  Type type = types_[inputs[0]];
  for (const TypeId input : inputs.subspan(1)) {
    const Type& other = types_[input];
    if (other.dtype != type.dtype) {
      throw ShapeError(fmt::format("inputs must be of one element type, got {} and {}",
                                   name_of(type.dtype), name_of(other.dtype)));
    }
    const auto shape = broadcast(type.shape, other.shape);
    if (!shape)
      throw ShapeError(fmt::format("shapes {} and {} do not broadcast", type.shape.to_string(),
                                   other.shape.to_string()));
    type.shape = *shape;
  }
  for (const TypeId input : inputs) {
    const Shape& shape = types_[input].shape;
    if (broadcast_kind(shape, type.shape) == Broadcast::other)
      throw ShapeError(fmt::format("input {} must be broadcast to {} first", shape.to_string(),
                                   type.shape.to_string()));
  }
  if (!is_floating(type.dtype))
    throw ShapeError(
        fmt::format("{} takes floating-point inputs, got {}", operation.name, name_of(type.dtype)));
  return types_.intern(type);
}

}  // namespace tapegrad
