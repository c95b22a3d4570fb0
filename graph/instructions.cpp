#include <tapegrad/graph/instructions.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/scratch.h>
#include <tapegrad/graph/sums.h>

namespace tapegrad {
namespace {

// Where row r of an operand starts.
std::byte* row_of(const Plan& plan, Memories memories, const Operand& operand, Index r,
                  std::size_t element) {
  if (!operand.listed())
    return resolve(memories, operand.at) + r * operand.pitch * static_cast<Index>(element);
  const Index item = operand.item_rows == 1 ? r : r / operand.item_rows;
  const Index within = r - item * operand.item_rows;
  return resolve(memories, plan.addresses[operand.list + static_cast<std::size_t>(item)]) +
         within * operand.pitch * static_cast<Index>(element);
}

// Short rows are gathered, so that the kernel sees long ones.
template <class T>
void gather(const Plan& plan, Memories memories, const Operand& operand, Index begin, Index end,
            Index columns, T* to) {
  for (Index r = begin; r < end; ++r, to += columns) {
    const T* from = reinterpret_cast<const T*>(row_of(plan, memories, operand, r, sizeof(T)));
    if (operand.step)
      for (Index c = 0; c < columns; ++c) to[c] = from[c];
    else
      for (Index c = 0; c < columns; ++c) to[c] = from[0];
  }
}

template <class T>
void gathered_rows(const Plan& plan, Memories memories, const Instruction& instruction, Index begin,
                   Index end) {
  constexpr Index capacity = 512;
  const Detail& detail = plan.details[instruction.detail];
  const Index columns = detail.output.columns;
  alignas(64) T tiles[3][capacity];
  alignas(64) T results[capacity];
  const bool apart = detail.output.listed();
  T* output = reinterpret_cast<T*>(resolve(memories, detail.output.at));
  const Index rows = capacity / columns;
  for (Index r = begin; r < end; r += rows) {
    const Index stop = std::min(end, r + rows);
    const void* inputs[3];
    for (std::uint32_t i = 0; i < detail.operand_count; ++i) {
      gather(plan, memories, plan.operands[detail.first_operand + i], r, stop, columns, tiles[i]);
      inputs[i] = tiles[i];
    }
    instruction.elementwise(apart ? results : output + r * columns, inputs,
                            (1u << detail.operand_count) - 1, (stop - r) * columns);
    if (!apart) continue;
    for (Index i = r; i < stop; ++i)
      std::copy_n(results + (i - r) * columns, columns,
                  reinterpret_cast<T*>(row_of(plan, memories, detail.output, i, sizeof(T))));
  }
}

Matrix matrix_of(const Plan& plan, Memories memories, const Operand& operand, std::uint32_t item) {
  if (!operand.listed())
    return {resolve(memories, operand.at), operand.rows, operand.columns, operand.pitch};
  return {resolve(memories, plan.addresses[operand.list + item]), operand.item_rows,
          operand.columns, operand.pitch};
}

template <class T>
void sum_part(const Plan& plan, Memories memories, const Instruction& instruction, Index begin,
              Index end) {
  const Detail& detail = plan.details[instruction.detail];
  const Operand& operand = plan.operands[detail.first_operand];
  const auto addresses =
      std::span(plan.addresses).subspan(operand.list, static_cast<std::size_t>(operand.rows));
  T* output = reinterpret_cast<T*>(resolve(memories, detail.output.at)) + begin;
  const auto summand = [&](Index i) {
    return reinterpret_cast<const T*>(resolve(memories, addresses[static_cast<std::size_t>(i)])) +
           begin;
  };
  if (end - begin == 1)
    *output = static_cast<T>(sum_of<T>(operand.rows, [&](Index i) { return *summand(i); }));
  else
    sum_rows(operand.rows, end - begin, summand, output);
}

// Orders the row numbers, then sums the rows of one number in the order in which they came.
template <class T>
void sparse_rows(const Plan& plan, Memories memories, const Instruction& instruction) {
  const Detail& detail = plan.details[instruction.detail];
  const Operand& ids_operand = plan.operands[detail.first_operand];
  const Operand& rows_operand = plan.operands[detail.first_operand + 1];
  const Index* ids = reinterpret_cast<const Index*>(resolve(memories, ids_operand.at));
  const T* rows = reinterpret_cast<const T*>(resolve(memories, rows_operand.at));
  T* output = reinterpret_cast<T*>(resolve(memories, instruction.output));
  Index* numbers = reinterpret_cast<Index*>(resolve(memories, instruction.inputs[0]));
  Index& count = *reinterpret_cast<Index*>(resolve(memories, instruction.inputs[1]));
  const Index width = detail.output.columns;
  // Row number and place in one word: sorting these is stable, and needs no memory but the
  // numbers'.
  constexpr int place_bits = sparse_place_bits;
  for (Index i = 0; i < instruction.size; ++i) numbers[i] = ids[i] << place_bits | i;
  std::sort(numbers, numbers + instruction.size);
  count = 0;
  for (Index begin = 0, end = 0; begin < instruction.size; begin = end) {
    const Index id = numbers[begin] >> place_bits;
    while (end < instruction.size && numbers[end] >> place_bits == id) ++end;
    const auto row = [&](Index i) {
      return rows + (numbers[begin + i] & ((Index{1} << place_bits) - 1)) * rows_operand.pitch;
    };
    // Most ids of a large table come once: for them the call would cost more than the copy.
    if (end - begin == 1)
      std::copy_n(row(0), width, output + count * width);
    else
      sum_rows(end - begin, width, row, output + count * width);
    numbers[count++] = id;
  }
}

// Whether all numbers are as they should be: no NaN, and no infinity where these count too.
template <class T>
bool all_valid(const T* values, Index count, bool infinity_counts) {
  bool valid = true;
  for (Index i = 0; i < count; ++i)
    valid = valid && !std::isnan(values[i]) && !(infinity_counts && std::isinf(values[i]));
  return valid;
}

}  // namespace

void run_flat_part(Memories memories, const Instruction& instruction, std::size_t element,
                   Index begin, Index end) {
  const void* inputs[3];
  for (std::size_t i = 0; i < instruction.arity; ++i) {
    const std::size_t skipped =
        (instruction.steps >> i & 1) != 0 ? static_cast<std::size_t>(begin) * element : 0;
    inputs[i] = resolve(memories, instruction.inputs[i]) + skipped;
  }
  instruction.elementwise(
      resolve(memories, instruction.output) + static_cast<std::size_t>(begin) * element, inputs,
      instruction.steps, end - begin);
}

void run_elementwise_rows(const Plan& plan, Memories memories, const Instruction& instruction,
                          Index begin, Index end) {
  const Detail& detail = plan.details[instruction.detail];
  const Index columns = detail.output.columns;
  if (columns == 0) return;
  if (columns <= 16 && end - begin >= 4 && detail.operand_count <= 3) {
    if (plan.dtype == Dtype::float32)
      gathered_rows<float>(plan, memories, instruction, begin, end);
    else
      gathered_rows<double>(plan, memories, instruction, begin, end);
    return;
  }
  const std::size_t element = size_of(plan.dtype);
  const void* inputs[8];
  unsigned steps = 0;
  for (std::uint32_t i = 0; i < detail.operand_count; ++i)
    steps |= plan.operands[detail.first_operand + i].step ? 1u << i : 0u;
  for (Index r = begin; r < end; ++r) {
    for (std::uint32_t i = 0; i < detail.operand_count; ++i) {
      inputs[i] = row_of(plan, memories, plan.operands[detail.first_operand + i], r, element);
    }
    instruction.elementwise(row_of(plan, memories, detail.output, r, element), inputs, steps,
                            columns);
  }
}

void run_sum_part(const Plan& plan, Memories memories, const Instruction& instruction, Index begin,
                  Index end) {
  if (begin == end) return;
  if (plan.dtype == Dtype::float32)
    sum_part<float>(plan, memories, instruction, begin, end);
  else
    sum_part<double>(plan, memories, instruction, begin, end);
}

void run_pack(const Plan& plan, Memories memories, const Instruction& instruction) {
  const Detail& detail = plan.details[instruction.detail];
  const Index element = detail.output.columns;
  std::byte* to = resolve(memories, instruction.output);
  for (std::uint32_t i = 0; i < detail.operand_count; ++i) {
    const Operand& operand = plan.operands[detail.first_operand + i];
    const std::byte* from = resolve(memories, operand.at);
    const bool dense = operand.pitch == operand.columns || operand.rows <= 1;
    const Index pieces = dense ? 1 : operand.rows;
    const auto bytes = static_cast<std::size_t>(
        (dense ? operand.rows * operand.columns : operand.columns) * element);
    for (Index r = 0; r < pieces && bytes > 0; ++r) {
      std::memcpy(to, from + r * operand.pitch * element, bytes);
      to += bytes;
    }
  }
}

void run_sparse(const Plan& plan, Memories memories, const Instruction& instruction) {
  if (plan.dtype == Dtype::float32)
    sparse_rows<float>(plan, memories, instruction);
  else
    sparse_rows<double>(plan, memories, instruction);
}

namespace {

// Runs the kernel on one item, whose inputs are put into `matrices`.
inline void run_item_on(std::span<Matrix> matrices, const Plan& plan, const RunContext& context,
                        const Instruction& instruction, std::uint32_t item, Index begin,
                        Index end) {
  const Detail& detail = plan.details[instruction.detail];
  for (std::uint32_t i = 0; i < detail.operand_count; ++i) {
    matrices[i] = matrix_of(plan, context.memories, plan.operands[detail.first_operand + i], item);
  }
  Matrix output{resolve(context.memories, detail.output.at), detail.output.rows,
                detail.output.columns, detail.output.pitch};
  const Type* type = plan.types[detail.first_type + detail.operand_count];
  output.data += static_cast<std::size_t>(item) * static_cast<std::size_t>(type->shape.size()) *
                 size_of(type->dtype);
  if (end < 0)
    end = detail.operation->tiling == Tiling::input_rows ? matrices[0].rows : output.rows;
  instruction.kernel(
      {.output = output,
       .inputs = matrices,
       .output_type = type,
       .input_types = std::span(plan.types).subspan(detail.first_type, detail.operand_count),
       .attribute_bytes = detail.attributes,
       .begin = begin,
       .end = end,
       .seed = context.seed,
       .step = context.step});
}

}  // namespace

void run_item(const Plan& plan, const RunContext& context, const Instruction& instruction,
              std::uint32_t item, Index begin, Index end) {
  const std::uint32_t count = plan.details[instruction.detail].operand_count;
  constexpr std::uint32_t few = 8;
  if (count <= few) {
    Matrix matrices[few];
    run_item_on({matrices, count}, plan, context, instruction, item, begin, end);
  } else {
    Scratch<Matrix> matrices(
        count);  // this call's own: a kernel that uses oneTBB may begin another item on this thread
    run_item_on(matrices.span(), plan, context, instruction, item, begin, end);
  }
}

void check_numbers(const Plan& plan, const RunContext& context, const Instruction& instruction) {
  Index count = instruction.size;
  if (instruction.kind != Instruction::Kind::flat) {
    const Detail& detail = plan.details[instruction.detail];
    if (instruction.kind == Instruction::Kind::pack ||
        instruction.kind == Instruction::Kind::sparse)
      return;
    if (detail.first_type < plan.types.size() && instruction.kind != Instruction::Kind::sum &&
        instruction.kind != Instruction::Kind::rows &&
        !is_floating(plan.types[detail.first_type + detail.operand_count]->dtype)) {
      return;
    }
    count = detail.output.rows * detail.output.columns *
            (instruction.kind == Instruction::Kind::each ? detail.items : 1);
  }
  const auto check = [&](const std::byte* data, Index elements) {
    const bool infinity_counts = context.check_finite;
    const bool valid =
        plan.dtype == Dtype::float32
            ? all_valid(reinterpret_cast<const float*>(data), elements, infinity_counts)
            : all_valid(reinterpret_cast<const double*>(data), elements, infinity_counts);
    if (!valid)
      throw ExecutionError(infinity_counts ? "the result is not finite" : "the result holds a NaN");
  };
  if (instruction.kind != Instruction::Kind::rows) {
    check(resolve(context.memories, instruction.output), count);
    return;
  }
  const Operand& output = plan.details[instruction.detail].output;
  for (Index r = 0; r < output.rows; ++r)
    check(row_of(plan, context.memories, output, r, size_of(plan.dtype)), output.columns);
}

}  // namespace tapegrad
