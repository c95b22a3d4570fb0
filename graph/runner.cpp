#include <tapegrad/graph/runner.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Runner::Runner(Tape& tape)
    : tape_(tape), executor_(tape.options().threads), cache_(tape.options().plan_cache_bytes) {}

void Runner::clear() {
  kept_.clear();
  retained_blocks_.clear();
  leaf_values_.clear();
  retained_.clear();
  retained_requests_.clear();
  first_time_ = times().size();
  // Slowly, so that a recording that takes none does not cost the next one its blocks.
  lately_taken_ = std::max(taken_, lately_taken_ - lately_taken_ / 8);
  taken_ = 0;
  std::size_t free = 0;
  std::erase_if(
      blocks_, [&](const auto& block) { return block.use_count() == 1 && ++free > lately_taken_; });
}

void Runner::forget_from(NodeId first) {
  if (retained_.size() > first) retained_.resize(first);
  if (!leaf_values_.empty())
    std::erase_if(leaf_values_, [&](const auto& entry) { return entry.first >= first; });
}

void Runner::forget_plans() {
  cache_.clear();
  planner_ = Planner();  // it remembers what it needs of each type
  last_plan_ = nullptr;
  executor_.forget_times();
  first_time_ = 0;
}

// What is asked, and what earlier runs of this recording left, which together with the structure
// decides the plan.
std::vector<NodeId>& Runner::request_key(Kind kind, NodeId node) {
  key_.assign({static_cast<NodeId>(kind), node});
  if (kind == Kind::backward) {
    key_.push_back(static_cast<NodeId>(tape_.kept().size()));
    key_.insert(key_.end(), tape_.kept().begin(), tape_.kept().end());
    for (const auto& assignment : tape_.assignments()) key_.push_back(assignment.node);
  }
  key_.push_back(no_node);
  key_.insert(key_.end(), retained_requests_.begin(), retained_requests_.end());
  return key_;
}

std::shared_ptr<const Plan> Runner::find(Kind kind, NodeId node) {
  const auto start = std::chrono::steady_clock::now();
  auto plan = cache_.find(tape_.structure(), request_key(kind, node));
  stage_times_.lookup = nanoseconds_since(start);
  return plan;
}

void Runner::collect_targets() {
  targets_.clear();
  target_leaves_.clear();
  for (const std::uint32_t leaf : tape_.leaves().parameters()) {
    if (tape_.structure().nodes[tape_.leaves()[leaf].node].no_gradient()) continue;
    targets_.push_back(tape_.leaves()[leaf].node);
    target_leaves_.push_back(leaf);
  }
  target_gradients_.assign(targets_.size(), no_node);
}

// Stages 2 and 3. The gradient's nodes are taken back: backward() leaves the tape as it was, hit or
// miss.
std::shared_ptr<const Plan> Runner::make(Kind kind, NodeId node, bool unbatched) {
  const Tape::Mark mark = tape_.mark();
  PlanRequest request{.forward_count = mark.nodes,
                      .unbatched = unbatched,
                      .retained = retained_,
                      .retained_blocks = retained_blocks_.size()};
  outputs_.assign({node});
  gradient_requests_.clear();
  std::shared_ptr<Plan> plan;
  try {
    if (kind == Kind::backward) {
      const auto start = std::chrono::steady_clock::now();
      request.loss = node;
      outputs_.insert(outputs_.end(), tape_.kept().begin(), tape_.kept().end());
      for (const auto& assignment : tape_.assignments()) outputs_.push_back(assignment.node);
      collect_targets();
      const Tensor seed = tape_.full(tape_.type_of(node).shape, 1.0, tape_.line_of(node));
      differentiator_.differentiate(tape_, node, seed, targets_, target_gradients_);
      for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (target_gradients_[i] != no_node)
          gradient_requests_.push_back({target_leaves_[i], target_gradients_[i]});
      }
      stage_times_.differentiate = nanoseconds_since(start);
    } else {
      request.retain_all = kind == Kind::evaluate;
    }
    request.outputs = outputs_;
    request.gradients = gradient_requests_;
    const auto start = std::chrono::steady_clock::now();
    plan = planner_.plan(tape_, request);
    const LeafStore::Mark end = tape_.leaves().mark();
    const std::uint64_t made = end.used - mark.leaves.used;
    plan->constants.reserve(std::max<std::uint64_t>(made, 1));
    copy_bytes(plan->constants.data(), tape_.leaves().bytes() + mark.leaves.used, made);
    plan->constants_start = mark.leaves.used;
    stage_times_.plan = nanoseconds_since(start);
    stage_times_.forward_nodes = mark.nodes;
    stage_times_.all_nodes = tape_.structure().count();
    stage_times_.instructions = plan->instructions.size();
  } catch (...) {
    tape_.record_for(no_node);
    if (!unbatched) tape_.truncate(mark);
    throw;
  }
  // A located run needs the nodes to name them.
  if (unbatched) return plan;
  tape_.truncate(mark);
  if (tape_.options().plan_cache && !tape_.options().eager)
    cache_.add(plan, tape_.structure(), request_key(kind, node));
  return plan;
}

std::shared_ptr<ResultBlock> Runner::take_block() {
  ++taken_;
  for (const auto& block : blocks_) {
    if (block.use_count() == 1) return block;
  }
  return blocks_.emplace_back(std::make_shared<ResultBlock>());
}

void Runner::check_version(const Leaf& recorded) const {
  if (recorded.version == recorded.parameter->version()) return;
  throw TapeError(fmt::format(
      "parameter {} was changed after this tape recorded it: clear the tape and record anew",
      recorded.parameter->name()));
}

// A recording holds pointers to parameters.
void Runner::check_parameters() const {
  const LeafStore& leaves = tape_.leaves();
  if (!leaves.parameters_gone()) return;
  for (const std::uint32_t leaf : leaves.parameters()) {
    const std::uint16_t owner = leaves[leaf].owner;
    if (owner == 0 || !leaves.owners()[owner - 1].expired()) continue;
    const SourceLine line = tape_.line_of(leaves[leaf].node);
    throw TapeError(fmt::format(
        "a parameter that this tape recorded is gone: its Parameters was destroyed; at {}:{}",
        line.file, line.line));
  }
  throw TapeError(
      "a parameter that this tape shall assign to is gone: its Parameters was destroyed");
}

void Runner::settle(const Plan& plan) {
  for (const Plan::Read& read : plan.reads) {
    PendingRows* pending = tape_.leaves()[read.parameter_leaf].parameter->pending();
    if (pending == nullptr) continue;
    if (read.ids_leaf == Plan::no_leaf) {
      pending->settle_all();
      continue;
    }
    const Leaf& ids = tape_.leaves()[read.ids_leaf];
    const auto count = static_cast<std::size_t>(tape_.type_of(ids.node).shape.size());
    pending->settle({reinterpret_cast<const Index*>(tape_.leaves().data(ids)), count});
  }
}

void Runner::run_memories(const Plan& plan, ResultBlock& block, bool locate) {
  arena_.renew(std::max<std::uint64_t>(plan.arena_bytes, 1));
  block.bytes.renew(std::max<std::uint64_t>(plan.result_bytes, 1));
  // Addresses of constants count from where the forward recording's leaves end.
  auto* constants = const_cast<std::byte*>(plan.constants.data()) - plan.constants_start;
  memories_.assign({arena_.data(), tape_.leaves().bytes(), block.bytes.data(), constants});
  for (const auto& retained : retained_blocks_) memories_.push_back(retained->bytes.data());
  for (const std::uint32_t leaf : tape_.leaves().externals()) {
    memories_.push_back(const_cast<std::byte*>(tape_.leaves().data(tape_.leaves()[leaf])));
  }
  executor_.run(plan, {.memories = memories_,
                       .seed = tape_.options().seed,
                       .step = tape_.step(),
                       .check_finite = tape_.options().check_finite,
                       .check_nan = tape_.options().check_nan,
                       .profile = tape_.options().profile && !locate,
                       .locate = locate});
}

void Runner::run(const std::shared_ptr<const Plan>& plan, Kind kind, NodeId node,
                 ResultBlock& block) {
  for (const Plan::Read& read : plan->reads) check_version(tape_.leaves()[read.parameter_leaf]);
  settle(*plan);
  last_plan_ = plan;
  const auto start = std::chrono::steady_clock::now();
  try {
    run_memories(*plan, block, false);
  } catch (...) {
    explain(kind, node, std::current_exception());
  }
  stage_times_.run = nanoseconds_since(start);
}

// Runs again, node by node in the order of the tape, so that of several errors the first node's is
// told, whatever ran together.
void Runner::explain(Kind kind, NodeId node, std::exception_ptr original) {
  const Tape::Mark mark = tape_.mark();
  std::string message;
  bool bad_value = false;
  try {
    const auto plan = make(kind, node, true);
    ResultBlock block;
    run_memories(*plan, block, true);
  } catch (const NodeFailure& failure) {
    bad_value = failure.bad_value;
    std::string shapes;
    for (const NodeId input : tape_.structure().inputs_of(failure.node)) {
      shapes +=
          fmt::format("{}{}", shapes.empty() ? "" : ", ", tape_.type_of(input).shape.to_string());
      if (shapes.size() > 100) break;
    }
    message = fmt::format("{}: {}; inputs {}, output {}; {}{}", tape_.called(failure.node),
                          failure.what(), shapes, tape_.type_of(failure.node).shape.to_string(),
                          failure.node >= mark.nodes ? "in the gradient of " : "",
                          tape_.place_of(failure.node));
  } catch (...) {
    // The located run failed in another way; the first error says more.
  }
  tape_.truncate(mark);
  if (message.empty()) std::rethrow_exception(original);
  if (bad_value) throw ValueError(message);
  throw ExecutionError(message);
}

void Runner::evaluate(Kind kind, NodeId node) {
  check_parameters();
  if (tape_.structure().nodes[node].is_leaf() || kept(node) != nullptr) return;
  std::shared_ptr<const Plan> plan =
      tape_.options().plan_cache && !tape_.options().eager ? find(kind, node) : nullptr;
  if (!plan) plan = make(kind, node, false);
  const auto block = take_block();
  run(plan, kind, node, *block);
  const std::uint64_t memory = first_free_memory + retained_blocks_.size();
  retained_.resize(tape_.structure().count(), no_address);
  for (const Plan::Output& output : plan->outputs) {
    if (memory_of(output.at) == result_memory)
      retained_[output.node] = address(memory, offset_of(output.at));
  }
  retained_blocks_.push_back(block);
  retained_requests_.push_back(static_cast<NodeId>(kind));
  retained_requests_.push_back(node);
  retained_requests_.push_back(tape_.structure().count());
}

const std::byte* Runner::kept(NodeId node) const {
  if (node < retained_.size() && retained_[node] != no_address) {
    return retained_blocks_[memory_of(retained_[node]) - first_free_memory]->bytes.data() +
           offset_of(retained_[node]);
  }
  for (const Run& run : kept_) {
    for (const Plan::Output& output : run.plan->outputs) {
      if (output.node == node && memory_of(output.at) == result_memory)
        return run.block->bytes.data() + offset_of(output.at);
    }
  }
  return nullptr;
}

// The store's bytes move when later leaves make it grow, but what value() gives stays: so it gives
// a copy.
const std::byte* Runner::leaf_value(NodeId node) {
  check_parameters();
  const Leaf& leaf = tape_.leaves()[tape_.structure().nodes[node].first_input];
  if (leaf.parameter != nullptr) check_version(leaf);
  if (leaf.kind == Leaf::Kind::parameter) return leaf.parameter->value().data();
  if (leaf.kind == Leaf::Kind::borrowed) return tape_.leaves().data(leaf);
  std::shared_ptr<ResultBlock>& block = leaf_values_[node];
  if (!block) {
    const Type& type = tape_.type_of(node);
    const std::size_t bytes = static_cast<std::size_t>(type.shape.size()) * size_of(type.dtype);
    block = take_block();
    block->bytes.renew(std::max<std::size_t>(bytes, 1));
    copy_bytes(block->bytes.data(), tape_.leaves().data(leaf), bytes);
  }
  return block->bytes.data();
}

const void* Runner::value(NodeId node) {
  if (tape_.structure().nodes[node].is_leaf()) return leaf_value(node);
  evaluate(node);
  return kept(node);
}

const void* Runner::value_alone(NodeId node) {
  if (tape_.structure().nodes[node].is_leaf()) return leaf_value(node);
  evaluate(Kind::evaluate_alone, node);
  return kept(node);
}

Gradients Runner::backward(NodeId loss) {
  check_parameters();
  const Type& type = tape_.type_of(loss);
  if (type.shape.size() != 1 || !is_floating(type.dtype)) {
    throw ShapeError(fmt::format("backward: the loss must be one number, got {} of shape {}; {}",
                                 name_of(type.dtype), type.shape.to_string(),
                                 tape_.place_of(loss)));
  }
  std::shared_ptr<const Plan> plan =
      tape_.options().plan_cache && !tape_.options().eager ? find(Kind::backward, loss) : nullptr;
  if (!plan) plan = make(Kind::backward, loss, false);
  auto block = take_block();
  run(plan, Kind::backward, loss, *block);
  commit_assignments(*plan, *block);
  kept_.push_back({plan, block});
  return collect_gradients(*plan, block);
}

void Runner::commit_assignments(const Plan& plan, ResultBlock& block) {
  const std::size_t first = 1 + tape_.kept().size();
  // All that may throw comes first.
  std::vector<std::pair<Parameter*, Array>> values;
  for (std::size_t i = 0; i < tape_.assignments().size(); ++i) {
    Parameter& target = *tape_.assignments()[i].target;
    if (tape_.substitutes(target)) continue;  // a trial of other numbers leaves the parameter alone
    const Address at = plan.outputs[first + i].at;
    Array value(target.shape(), tape_.type_of(tape_.assignments()[i].node).dtype);
    copy_bytes(value.data(),
               memory_of(at) == result_memory ? block.bytes.data() + offset_of(at)
                                              : memories_[memory_of(at)] + offset_of(at),
               value.bytes());
    target.check_value();
    values.emplace_back(&target, target.converted(value));
  }
  for (auto& [target, value] : values) target->mutable_value() = std::move(value);
  tape_.forget_assignments();
}

Gradients Runner::collect_gradients(const Plan& plan, const std::shared_ptr<ResultBlock>& block) {
  block->entries.clear();
  block->owners = tape_.leaves().owners();
  for (const Plan::GradientOutput& output : plan.gradients) {
    GradientEntry& entry = block->entries.emplace_back();
    entry.parameter = tape_.leaves()[output.leaf].parameter;
    entry.dtype = plan.dtype;
    entry.sparse = output.sparse;
    entry.values = memories_[memory_of(output.values)] + offset_of(output.values);
    entry.count = output.size;
    if (output.sparse) {
      const Index rows = *reinterpret_cast<const Index*>(memories_[memory_of(output.count)] +
                                                         offset_of(output.count));
      entry.rows = {reinterpret_cast<const Index*>(memories_[memory_of(output.rows)] +
                                                   offset_of(output.rows)),
                    static_cast<std::size_t>(rows)};
      entry.count = rows * output.width;
    }
  }
  return Gradients(block);
}

}  // namespace tapegrad
