// Plans by what they serve.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

#include <tapegrad/graph/plan.h>

namespace tapegrad {

// Finds a plan by comparing a structure, and what is asked of it, in full: first with the plan that
// was found last, which is the right one at nearly every step of a training loop, then with those
// of equal hash. So only a change of structure is hashed, and recording is not. The least recently
// used plans go when their bytes exceed the capacity.
class PlanCache {
 public:
  explicit PlanCache(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<const Plan> find(const Structure& structure, std::span<const NodeId> requests);
  // Takes the plan, with the structure as it stands as its key.
  void add(const std::shared_ptr<Plan>& plan, const Structure& structure,
           std::span<const NodeId> requests);
  // Forgets all plans.
  void clear();

  std::size_t hits() const { return hits_; }
  std::size_t misses() const { return misses_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void evict();

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::size_t hits_ = 0, misses_ = 0;
  std::uint64_t clock_ = 0;
  std::unordered_multimap<std::uint64_t, std::shared_ptr<Plan>> plans_;  // by hash
  std::shared_ptr<Plan> latest_;                                         // one of them, or null
};

}  // namespace tapegrad
