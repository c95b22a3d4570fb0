// A plan: the program that computes what was asked of a recorded structure. It holds no pointers to
// data, so it serves every recording of the same structure.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tapegrad/graph/buffer.h>
#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/structure.h>

namespace tapegrad {

// A place in one of the run's memories: the number of the memory, and a byte offset into it.
using Address = std::uint64_t;
inline constexpr int address_bits = 44;
constexpr Address address(std::uint64_t memory, std::uint64_t offset) {
  return memory << address_bits | offset;
}
constexpr std::uint64_t memory_of(Address at) { return at >> address_bits; }
constexpr std::uint64_t offset_of(Address at) { return at & ((Address{1} << address_bits) - 1); }
inline constexpr Address no_address = ~Address{0};

// A row-sparse gradient sorts words of a row's number and, in so many bits, the place of an id.
inline constexpr int sparse_place_bits = 28;

// The memories of a run. Retained blocks follow the fixed ones, then come the external leaves in
// order.
enum Memory : std::uint64_t {
  arena_memory,
  leaf_memory,
  result_memory,
  constant_memory,
  first_free_memory
};

// A matrix operand of an instruction. A listed one has an address for every item: rows
// [i·item_rows, (i+1)·item_rows) start there.
struct Operand {
  Address at = 0;
  Index rows = 1, columns = 1;
  Index pitch = 0;           // elements from row to row; 0: one row serves all
  std::uint32_t list = ~0u;  // into Plan::addresses
  std::uint32_t item_rows = 1;
  bool step = true;  // elementwise: false if one element serves a row
  bool listed() const { return list != ~0u; }
};

struct Instruction {
  enum class Kind : std::uint8_t {
    flat,     // elementwise over `size` contiguous elements
    rows,     // elementwise over rows of operands
    stacked,  // a kernel, once, on matrices
    each,     // a kernel, once an item
    sum,      // many summands of `size` elements
    pack,     // copies operands one after another
    sparse,   // gradients' rows: sorts and adds rows of equal number
  };
  Kind kind = Kind::flat;
  std::uint8_t arity = 0;
  std::uint8_t steps = 0;   // flat: bit i as in ElementwiseKernel
  std::uint8_t splits = 0;  // may be split over threads
  NodeId node = no_node;    // the first of its nodes
  union {
    ElementwiseKernel elementwise;
    Kernel kernel = nullptr;
  };
  Index size = 0;  // flat, sum: elements; others: the units in which it may be split
  Address output = 0;
  Address inputs[3] = {};    // flat
  std::uint32_t detail = 0;  // others
  std::uint32_t chain = 1;   // flat: so many instructions from here run tile by tile
};

// What instructions other than flat ones need.
struct Detail {
  const Operation* operation = nullptr;
  const void* attributes = nullptr;
  std::uint32_t first_operand = 0;
  std::uint32_t operand_count = 0;
  std::uint32_t first_type = 0;  // into Plan::types: the inputs' types, then the output's
  std::uint32_t items = 1;
  Operand output;
  Index grain = 1;  // units of a split
};

// A run of instructions that one thread executes; starts when all its predecessors have ended.
struct Task {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t predecessors = 0;
  std::uint32_t first_successor = 0, successor_count = 0;  // into Plan::successors
};

struct PlanLabels;

struct Plan {
  // The key: compared in full on a hit.
  struct Key {
    std::vector<Node> nodes;
    std::vector<NodeId> inputs;
    std::vector<NodeId> requests;  // what was asked, and what earlier runs left
  } key;

  std::vector<Instruction> instructions;
  std::vector<Detail> details;
  std::vector<Operand> operands;
  std::vector<Address> addresses;
  std::vector<const Type*> types;
  std::vector<Task> tasks;
  std::vector<std::uint32_t> successors;
  Dtype dtype = Dtype::float32;

  std::uint64_t arena_bytes = 0;
  std::uint64_t result_bytes = 0;
  Buffer constants;                   // leaves that differentiation made: the bytes
  std::uint64_t constants_start = 0;  // of the leaf memory from here on

  struct Output {
    NodeId node = no_node;
    Address at = 0;
  };
  std::vector<Output> outputs;  // values that stay after the run

  struct GradientOutput {
    std::uint32_t leaf = 0;  // of the parameter
    bool sparse = false;
    Address values = 0;
    Address rows = 0;   // sparse: row numbers
    Address count = 0;  // sparse: how many rows there are
    Index size = 0;     // dense: elements
    Index width = 0;    // sparse: elements of a row
  };
  std::vector<GradientOutput> gradients;

  // Which rows of each parameter a run reads: those that the ids leaf names, or all if it is
  // no_leaf.
  static constexpr std::uint32_t no_leaf = ~0u;
  struct Read {
    std::uint32_t parameter_leaf = 0;
    std::uint32_t ids_leaf = no_leaf;
  };
  std::vector<Read> reads;

  std::shared_ptr<const PlanLabels> labels;  // only for tapes made with TapeOptions::profile

  std::uint64_t last_use = 0;
  std::size_t bytes() const;
};

}  // namespace tapegrad
