// Contract: two values share bytes of the arena only if every reader of the first comes before the
// writer of the second.
#include "random_graph.h"

#include <algorithm>
#include <bit>

namespace {

namespace tg = tapegrad;
using graph_test::RandomGraph;

struct Range {
  std::uint64_t begin = 0, end = 0;
  std::uint32_t instruction = 0;
  bool meets(const Range& other) const { return begin < other.end && other.begin < end; }
};

// What each instruction reads and writes of the arena.
class Accesses {
 public:
  explicit Accesses(const tg::Plan& plan) : plan_(plan) {
    for (std::uint32_t i = 0; i < plan.instructions.size(); ++i) add(i, plan.instructions[i]);
  }
  std::vector<Range> reads, writes;

 private:
  using Kind = tg::Instruction::Kind;

  void add(std::vector<Range>& to, std::uint32_t i, tg::Address at, tg::Index elements,
           std::uint64_t element) {
    if (tg::memory_of(at) != tg::arena_memory || elements <= 0) return;
    to.push_back(
        {tg::offset_of(at), tg::offset_of(at) + static_cast<std::uint64_t>(elements) * element, i});
  }
  void read(std::uint32_t i, const tg::Operand& operand, std::uint64_t element) {
    const auto extent = [&](tg::Index rows) {
      return rows <= 0 ? 0 : (rows - 1) * operand.pitch + (operand.step ? operand.columns : 1);
    };
    if (!operand.listed()) {
      add(reads, i, operand.at, extent(operand.rows), element);
      return;
    }
    for (tg::Index item = 0; item * operand.item_rows < operand.rows; ++item) {
      add(reads, i, plan_.addresses[operand.list + static_cast<std::size_t>(item)],
          extent(operand.item_rows), element);
    }
  }
  void add(std::uint32_t i, const tg::Instruction& one) {
    const std::uint64_t element = tg::size_of(plan_.dtype);
    if (one.kind == Kind::flat) {
      add(writes, i, one.output, one.size, element);
      for (std::size_t k = 0; k < one.arity; ++k)
        add(reads, i, one.inputs[k], (one.steps >> k & 1) != 0 ? one.size : 1, element);
      return;
    }
    const tg::Detail& detail = plan_.details[one.detail];
    const bool typed = one.kind == Kind::stacked || one.kind == Kind::each;
    const auto element_of = [&](std::uint32_t k) {
      return typed ? tg::size_of(plan_.types[detail.first_type + k]->dtype) : std::size_t{element};
    };
    const bool sparse = one.kind == Kind::sparse;
    const bool pack = one.kind == Kind::pack;
    tg::Index packed = 0;
    for (std::uint32_t k = 0; k < detail.operand_count; ++k) {
      const tg::Operand& operand = plan_.operands[detail.first_operand + k];
      packed += operand.rows * operand.columns;
      read(i, operand,
           pack               ? static_cast<std::uint64_t>(detail.output.columns)
           : sparse && k == 0 ? 8u
                              : element_of(k));
    }
    const tg::Index items = one.kind == Kind::each ? detail.items : 1;
    if (detail.output.listed()) {
      for (tg::Index item = 0; item < detail.output.rows / detail.output.item_rows; ++item)
        add(writes, i, plan_.addresses[detail.output.list + static_cast<std::size_t>(item)],
            detail.output.item_rows * detail.output.columns, element);
    } else if (pack)
      add(writes, i, one.output, packed, static_cast<std::uint64_t>(detail.output.columns));
    else
      add(writes, i, one.output, detail.output.rows * detail.output.columns * items,
          element_of(detail.operand_count));
  }

  const tg::Plan& plan_;
};

// Whether instruction a always ends before b begins: tasks reach each other by successors, and run
// their own in order.
class Order {
 public:
  explicit Order(const tg::Plan& plan)
      : task_of_(plan.instructions.size()), words_((plan.tasks.size() + 63) / 64) {
    reached_.assign(plan.tasks.size() * words_, 0);
    std::vector<std::uint32_t> waiting;
    for (const tg::Task& task : plan.tasks) waiting.push_back(task.predecessors);
    std::vector<std::uint32_t> ready;
    for (std::uint32_t t = 0; t < plan.tasks.size(); ++t) {
      for (std::uint32_t i = plan.tasks[t].begin; i < plan.tasks[t].end; ++i) task_of_[i] = t;
      if (waiting[t] == 0) ready.push_back(t);
    }
    // A successor is reached by all that reach the task, and by the task.
    for (std::size_t at = 0; at < ready.size(); ++at) {
      const tg::Task& task = plan.tasks[ready[at]];
      for (std::uint32_t s = 0; s < task.successor_count; ++s) {
        const std::uint32_t next = plan.successors[task.first_successor + s];
        for (std::size_t w = 0; w < words_; ++w)
          reached_[next * words_ + w] |= reached_[ready[at] * words_ + w];
        reached_[next * words_ + ready[at] / 64] |= std::uint64_t{1} << (ready[at] % 64);
        if (--waiting[next] == 0) ready.push_back(next);
      }
    }
    complete_ = ready.size() == plan.tasks.size();
  }
  bool complete() const { return complete_; }
  bool before(std::uint32_t a, std::uint32_t b) const {
    const std::uint32_t first = task_of_[a];
    const std::uint32_t second = task_of_[b];
    if (first == second) return a < b;
    return (reached_[second * words_ + first / 64] >> (first % 64) & 1) != 0;
  }

 private:
  std::vector<std::uint32_t> task_of_;
  std::size_t words_;
  std::vector<std::uint64_t> reached_;  // by task: the tasks before it
  bool complete_ = false;
};

struct Found {
  std::size_t shared = 0;  // pairs of values that share bytes
  std::string error;
};

Found check(const tg::Plan& plan) {
  const Accesses accesses(plan);
  const Order order(plan);
  Found found;
  if (!order.complete()) found.error = "tasks wait for each other";
  for (const Range& write : accesses.writes) {
    if (write.end > plan.arena_bytes) found.error = "a write past the end of the arena";
  }
  // The value that a read sees is the last write before it; every other write of these bytes comes
  // before that or after the read.
  for (const Range& read : accesses.reads) {
    const Range* seen = nullptr;
    for (const Range& write : accesses.writes) {
      if (!write.meets(read) || !order.before(write.instruction, read.instruction)) continue;
      if (seen == nullptr || order.before(seen->instruction, write.instruction)) seen = &write;
    }
    if (seen == nullptr)
      found.error = "a read of what nothing wrote, instruction " + std::to_string(read.instruction);
    for (const Range& write : accesses.writes) {
      if (seen == nullptr || &write == seen || !write.meets(read) ||
          write.instruction == seen->instruction)
        continue;
      const bool ordered = order.before(write.instruction, seen->instruction) ||
                           order.before(read.instruction, write.instruction);
      const bool beside = !write.meets(*seen);  // a read of several values side by side
      if (!ordered && !beside)
        found.error = "instruction " + std::to_string(write.instruction) + " may write what " +
                      std::to_string(read.instruction) + " still reads";
    }
  }
  for (std::size_t i = 0; i < accesses.writes.size(); ++i) {
    for (std::size_t k = i + 1; k < accesses.writes.size(); ++k) {
      const Range& a = accesses.writes[i];
      const Range& b = accesses.writes[k];
      if (!a.meets(b) || a.instruction == b.instruction) continue;
      ++found.shared;
      if (!order.before(a.instruction, b.instruction) &&
          !order.before(b.instruction, a.instruction))
        found.error = "two writers in no order";
    }
  }
  return found;
}

}  // namespace

TEST_CASE("values of random plans share the arena only where readers come before the next writer") {
  struct Size {
    tg::Index scale;
    int nodes, graphs;
  };
  std::size_t shared = 0, serial = 0, parallel = 0, chains = 0;
  for (const Size& size :
       {Size{1, 15, 20}, Size{4, 25, 10}, Size{16, 12, 20}, Size{24, 5, 20}, Size{40, 25, 4}}) {
    for (int i = 0; i < size.graphs; ++i) {
      const auto seed = static_cast<std::uint64_t>(7000 + 100 * size.scale + i);
      CAPTURE(seed);
      CAPTURE(size.scale);
      for (const bool batching : {true, false}) {
        RandomGraph graph(seed, size.scale, size.nodes);
        tg::Tape tape({.threads = 1, .batching = batching});
        tg::backward(graph.record(tape));
        const tg::Plan& plan = *tape.runner().last_plan();
        const Found found = check(plan);
        CHECK(found.error == "");
        shared += found.shared;
        ++(plan.tasks.size() == 1 ? serial : parallel);
        for (const tg::Instruction& one : plan.instructions) chains += one.chain > 1;
      }
    }
  }
  MESSAGE(serial << " plans of one task, " << parallel << " of several; " << shared
                 << " shared places, " << chains << " chains");
  CHECK(serial > 10);
  CHECK(parallel > 10);
  CHECK(shared > 10);
  CHECK(chains > 10);
}
