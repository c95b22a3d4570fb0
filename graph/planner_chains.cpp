// Chains of elementwise work, which run tile by tile.
#include <algorithm>

#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

constexpr Index chained_elements = 8192;  // smaller values stay in the first cache anyway

// Whether two byte ranges of one memory meet.
bool overlap(Address left, Address right, std::uint64_t bytes) {
  return memory_of(left) == memory_of(right) && left < right + bytes && right < left + bytes;
}

// Whether `next` may run tile by tile after `instructions`: what they share must lie at the same
// places.
bool chains(std::span<const Instruction> chain, const Instruction& next, std::uint64_t bytes) {
  if (next.kind != Instruction::Kind::flat || next.size != chain[0].size) return false;
  for (const Instruction& earlier : chain) {
    for (std::uint8_t i = 0; i < next.arity; ++i) {
      const bool advances = (next.steps >> i & 1) != 0;
      if (overlap(earlier.output, next.inputs[i], bytes) &&
          !(advances && next.inputs[i] == earlier.output))
        return false;
    }
    for (std::uint8_t i = 0; i < earlier.arity; ++i) {
      const bool advances = (earlier.steps >> i & 1) != 0;
      if (overlap(next.output, earlier.inputs[i], bytes) &&
          !(advances && earlier.inputs[i] == next.output))
        return false;
    }
    if (overlap(next.output, earlier.output, bytes) && next.output != earlier.output) return false;
  }
  return true;
}

}  // namespace

void Planner::chain_elementwise() {
  if (!tape_->options().fusion || request_->unbatched) return;
  auto& instructions = plan_->instructions;
  const std::uint64_t element = size_of(plan_->dtype);
  for (const Task& task : plan_->tasks) {
    for (std::size_t i = task.begin; i < task.end;) {
      std::size_t end = i + 1;
      if (instructions[i].kind == Instruction::Kind::flat &&
          instructions[i].size >= chained_elements) {
        const std::uint64_t bytes = static_cast<std::uint64_t>(instructions[i].size) * element;
        while (end < task.end && end - i < 16 &&
               chains(std::span(instructions).subspan(i, end - i), instructions[end], bytes))
          ++end;
        instructions[i].chain = static_cast<std::uint32_t>(end - i);
      }
      i = end;
    }
  }
}

}  // namespace tapegrad
