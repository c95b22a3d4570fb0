// What single instructions of a plan do, on memories that the executor gives.
#pragma once

#include <span>

#include <tapegrad/graph/executor.h>
#include <tapegrad/graph/plan.h>

namespace tapegrad {

using Memories = std::span<std::byte* const>;

inline std::byte* resolve(Memories memories, Address at) {
  return memories[memory_of(at)] + offset_of(at);
}

inline void run_flat(Memories memories, const Instruction& instruction) {
  const void* inputs[3];
  for (std::size_t i = 0; i < instruction.arity; ++i)
    inputs[i] = resolve(memories, instruction.inputs[i]);
  instruction.elementwise(resolve(memories, instruction.output), inputs, instruction.steps,
                          instruction.size);
}

void run_flat_part(Memories memories, const Instruction& instruction, std::size_t element,
                   Index begin, Index end);
// Rows [begin, end) of the output.
void run_elementwise_rows(const Plan& plan, Memories memories, const Instruction& instruction,
                          Index begin, Index end);
// Elements [begin, end) of the sum.
void run_sum_part(const Plan& plan, Memories memories, const Instruction& instruction, Index begin,
                  Index end);
void run_pack(const Plan& plan, Memories memories, const Instruction& instruction);
void run_sparse(const Plan& plan, Memories memories, const Instruction& instruction);
// One item of a `stacked` or `each` instruction, on [begin, end) in the units of its tiling; end
// -1: all.
void run_item(const Plan& plan, const RunContext& context, const Instruction& instruction,
              std::uint32_t item, Index begin, Index end);

}  // namespace tapegrad
