#include <tapegrad/graph/differentiate.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/called_as.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/leaf_operations.h>

namespace tapegrad {

void ContributionSink::reset(std::size_t nodes) {
  heads_.assign(nodes, none);
  tails_.resize(nodes);
  items_.clear();
}

void ContributionSink::add(NodeId to, const Contribution& contribution) {
  const auto item = static_cast<std::uint32_t>(items_.size());
  items_.push_back(contribution);
  if (heads_[to] == none)
    heads_[to] = item;
  else
    items_[tails_[to]].next = item;
  tails_[to] = item;
}

Tensor ContributionSink::combine(Tape& tape, NodeId node) {
  const Contribution& first = items_[heads_[node]];
  if (first.next == none && first.axis < 0) return tape.tensor(first.gradient);
  summands_.clear();
  unsigned axes = 0;  // with regions
  for (std::uint32_t i = heads_[node]; i != none; i = items_[i].next) {
    if (items_[i].axis < 0)
      summands_.push_back(tape.tensor(items_[i].gradient));
    else
      axes |= 1u << items_[i].axis;
  }
  // The regions of one axis make one tensor, which then is a summand.
  for (int axis = 0; axes >> axis != 0; ++axis) {
    if ((axes >> axis & 1) == 0) continue;
    regions_.clear();
    Assemble assemble = nullptr;
    for (std::uint32_t i = heads_[node]; i != none; i = items_[i].next) {
      if (items_[i].axis != axis) continue;
      regions_.push_back({tape.tensor(items_[i].gradient), items_[i].start});
      assemble = items_[i].assemble;
    }
    summands_.push_back(assemble(tape.type_of(node), axis, regions_));
  }
  return add_all(summands_);
}

NodeId GradientContext::checked_input(std::size_t i) const {
  const auto inputs = tape_.structure().inputs_of(node_);
  if (i < inputs.size()) return inputs[i];
  throw TapeError(fmt::format("the gradient rule of {} gave a gradient for input {} of {}; {}",
                              tape_.structure().nodes[node_].operation->name, i, inputs.size(),
                              tape_.place_of(node_)));
}

void GradientContext::add(std::size_t i, const Tensor& gradient) {
  const NodeId to = checked_input(i);
  if (needs_[to] == 0) return;
  if (tape_.structure().nodes[gradient.node()].type != tape_.structure().nodes[to].type) {
    throw ShapeError(fmt::format("the gradient rule of {} gave {} for input {} of shape {}",
                                 tape_.structure().nodes[node_].operation->name,
                                 gradient.shape().to_string(), i, input(i).shape().to_string()));
  }
  sink_.add(to, {.gradient = gradient.node()});
}

void GradientContext::add_region(std::size_t i, const Tensor& gradient, int axis, Index start,
                                 Assemble assemble) {
  const NodeId to = checked_input(i);
  if (needs_[to] != 0)
    sink_.add(to,
              {.gradient = gradient.node(), .axis = axis, .start = start, .assemble = assemble});
}

void Differentiator::differentiate(Tape& tape, NodeId output, const Tensor& seed,
                                   std::span<const NodeId> targets, std::span<NodeId> gradients) {
  const std::size_t count = std::size_t{output} + 1;
  needs_.assign(count, 0);
  is_target_.assign(count, 0);
  gradient_of_.assign(count, no_node);
  for (const NodeId target : targets) {
    if (target <= output) needs_[target] = is_target_[target] = 1;
  }
  {
    const Structure& structure = tape.structure();
    for (NodeId id = 0; id < count; ++id) {
      const Node& node = structure.nodes[id];
      if (node.is_leaf() || node.no_gradient() || node.operation->constant) continue;
      for (const NodeId input : structure.inputs_of(node)) needs_[id] |= needs_[input];
    }
  }
  const NodeId outer = tape.recording_for();  // rules may differentiate what they emit
  sink_.reset(count);
  if (needs_[output] != 0) sink_.add(output, {.gradient = seed.node()});
  for (NodeId id = output + 1; id-- > 0;) {
    if (needs_[id] == 0 || !sink_.any(id)) continue;
    tape.record_for(id);
    const Tensor gradient = sink_.combine(tape, id);
    if (is_target_[id] != 0) gradient_of_[id] = gradient.node();
    // By value: recording moves the nodes.
    const Node node = tape.structure().nodes[id];
    if (node.is_leaf() || node.no_gradient() || node.operation->constant) continue;
    const auto inputs = tape.structure().inputs_of(node);
    // No gradient goes beyond this target.
    if (std::ranges::none_of(inputs, [&](NodeId input) { return needs_[input] != 0; })) continue;
    if (node.operation->gradient == nullptr) {
      tape.record_for(outer);
      throw TapeError(fmt::format("{} has no gradient; {}", tape.called(id), tape.place_of(id)));
    }
    GradientContext context(tape, id, gradient, needs_, sink_);
    node.operation->gradient(context);
  }
  tape.record_for(outer);
  for (std::size_t i = 0; i < targets.size(); ++i)
    gradients[i] = targets[i] <= output ? gradient_of_[targets[i]] : no_node;
}

std::vector<Tensor> vector_jacobian_product(const Located& output, const Tensor& output_gradient,
                                            std::span<const Tensor> targets, Unreached unreached) {
  Tape& tape = output.tensor.tape();
  tape.check(output.tensor, "gradients");
  tape.check(output_gradient, "gradients");
  if (output_gradient.shape() != output.shape()) {
    throw ShapeError(fmt::format("gradients: the output has shape {}, its gradient {}; at {}:{}",
                                 output.shape().to_string(), output_gradient.shape().to_string(),
                                 output.line.file, output.line.line));
  }
  std::vector<NodeId> nodes;
  for (const Tensor& target : targets) {
    tape.check(target, "gradients");
    nodes.push_back(target.node());
  }
  const CalledAs call(tape, "gradients");
  std::vector<NodeId> found(nodes.size());
  Differentiator().differentiate(tape, output.tensor.node(), output_gradient, nodes, found);
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] == no_node && unreached == Unreached::error) {
      throw TapeError(fmt::format("gradients: the output does not depend on target {}; {}", i,
                                  tape.place_of(nodes[i])));
    }
    results.push_back(found[i] == no_node ? tape.full(targets[i].shape(), 0.0, output.line)
                                          : tape.tensor(found[i]));
  }
  return results;
}

std::vector<Tensor> gradients(const Located& output, std::span<const Tensor> targets,
                              Unreached unreached) {
  if (output.shape().size() != 1) {
    throw ShapeError(fmt::format("gradients: the output must have one element, got shape {}; {}",
                                 output.shape().to_string(),
                                 output.tensor.tape().place_of(output.tensor.node())));
  }
  const CalledAs call(output.tensor.tape(), "gradients");
  return vector_jacobian_product(
      output, output.tensor.tape().full(output.shape(), 1.0, output.line), targets, unreached);
}

Tensor gradient(const Located& output, const Tensor& target) {
  return gradients(output, {&target, 1})[0];
}

Tensor jacobian_vector_product(const Located& output, std::span<const Tensor> inputs,
                               std::span<const Tensor> tangents) {
  Tape& tape = output.tensor.tape();
  if (inputs.size() != tangents.size()) {
    throw ShapeError(fmt::format("jacobian_vector_product: {} inputs need as many tangents, got {}",
                                 inputs.size(), tangents.size()));
  }
  const CalledAs call(tape, "jacobian_vector_product");
  // The product Jᵀu is linear in u, and its Jacobian with respect to u is J.
  const Tensor u = tape.full(output.shape(), 1.0, output.line);
  const std::vector<Tensor> products = vector_jacobian_product(output, u, inputs, Unreached::zero);
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    parts.push_back(vector_jacobian_product({products[i], output.line}, tangents[i], {&u, 1},
                                            Unreached::zero)[0]);
  }
  return add_all(parts, output.line);
}

std::vector<Tensor> hessian_vector_product(const Located& output, std::span<const Tensor> targets,
                                           std::span<const Tensor> vectors) {
  if (targets.size() != vectors.size()) {
    throw ShapeError(fmt::format("hessian_vector_product: {} targets need as many vectors, got {}",
                                 targets.size(), vectors.size()));
  }
  const CalledAs call(output.tensor.tape(), "hessian_vector_product");
  const std::vector<Tensor> first = gradients(output, targets, Unreached::zero);
  std::vector<Tensor> sums(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto row =
        vector_jacobian_product({first[i], output.line}, vectors[i], targets, Unreached::zero);
    for (std::size_t j = 0; j < targets.size(); ++j) {
      const Tensor pair[] = {sums[j], row[j]};
      sums[j] = i == 0 ? row[j] : add_all(pair, output.line);
    }
  }
  return sums;
}

}  // namespace tapegrad
