// The type that an operation's output has, from the types of its inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/type_table.h>

namespace tapegrad {

// Runs shape rules and remembers what they said: nearly every node that a program records has been
// recorded before, with inputs of the same types. An answer that is remembered is found whatever
// else is, so that the time of a recording does not depend on where operations happen to lie in
// memory.
class TypeInference {
 public:
  // How many inputs an operation may have if its output's type is to be remembered.
  static constexpr std::size_t most_remembered = 8;
  static constexpr std::size_t most_answers = std::size_t{1} << 16;

  // `floating` is the tape's element type. The table must outlive this.
  TypeInference(TypeTable& types, Dtype floating);

  // The remembered type of the output, or null. For one to `most_remembered` inputs.
  template <std::size_t extent>
  const TypeId* known(const Operation& operation, AttributesId attributes,
                      std::span<const TypeId, extent> inputs) const {
    for (std::size_t at = place(operation, attributes, inputs);;
         at = (at + 1) & (answers_.size() - 1)) {
      const Answer& answer = answers_[at];
      if (answer.operation == nullptr) return nullptr;
      if (answer.is_of(operation, attributes, inputs)) return &answer.output;
    }
  }

  // The type of the output. Throws ShapeError for inputs that do not fit, ValueError for a wrong
  // number of inputs and for an operation that has no kernel for the tape's element type.
  TypeId output(const Operation& operation, AttributesId attributes,
                std::span<const TypeId> inputs);

  // Answers are numbers of the table: they go when the table is cleared.
  void forget();
  bool full() const { return count_ >= most_answers; }

 private:
  // In a cache line of its own.
  struct alignas(64) Answer {
    const Operation* operation = nullptr;  // null: the place is empty
    AttributesId attributes = 0;
    std::uint32_t count = 0;
    TypeId inputs[most_remembered] = {};
    TypeId output = 0;

    // Input by input: a comparison of all at once would wait until the numbers, which were just
    // written, reach the cache.
    template <std::size_t extent>
    bool is_of(const Operation& of, AttributesId with,
               std::span<const TypeId, extent> types) const {
      if (operation != &of || attributes != with || count != types.size()) return false;
      for (std::size_t i = 0; i < types.size(); ++i) {
        if (inputs[i] != types[i]) return false;
      }
      return true;
    }
  };

  // A sum of products, none of which waits for another.
  template <std::size_t extent>
  std::size_t place(const Operation& operation, AttributesId attributes,
                    std::span<const TypeId, extent> inputs) const {
    constexpr std::uint64_t factors[most_remembered] = {
        0xc2b2ae3d27d4eb4fu, 0x165667b19e3779f9u, 0xd6e8feb86659fd93u, 0xbf58476d1ce4e5b9u,
        0x94d049bb133111ebu, 0xff51afd7ed558ccdu, 0xc4ceb9fe1a85ec53u, 0x2127599bf4325c37u};
    std::uint64_t hash = reinterpret_cast<std::uintptr_t>(&operation) * 0x9ddfea08eb382d69u +
                         attributes * 0x9e3779b97f4a7c15u;
    for (std::size_t i = 0; i < inputs.size(); ++i) hash += inputs[i] * factors[i];
    return hash >> shift_;
  }
  void remember(const Answer& answer);
  void resize(std::size_t places);
  TypeId infer(const Operation& operation, AttributesId attributes, std::span<const TypeId> inputs);
  TypeId broadcast_type(const Operation& operation, std::span<const TypeId> inputs);

  TypeTable& types_;
  Dtype floating_;
  std::vector<Answer> answers_;  // open addressing; a power of two
  unsigned shift_ = 0;           // of a hash to its place
  std::size_t count_ = 0;
  std::vector<const Type*> inferring_;  // the inputs of the rule that runs
};

}  // namespace tapegrad
