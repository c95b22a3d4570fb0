// Plans by what they serve.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

#include <tapegrad/graph/plan.h>

namespace tapegrad {

// Finds a plan by the hash of a structure and of what is asked of it, then compares both in full. The least recently used plans
// go when their bytes exceed the capacity.
class PlanCache {
 public:
  explicit PlanCache(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<const Plan> find(const Structure& structure, std::span<const NodeId> requests);
  // Takes the plan, with the structure as it stands as its key.
  void add(const std::shared_ptr<Plan>& plan, const Structure& structure, std::span<const NodeId> requests);

  std::size_t hits() const { return hits_; }
  std::size_t misses() const { return misses_; }
  std::size_t bytes() const { return bytes_; }

 private:
  void evict();

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::size_t hits_ = 0, misses_ = 0;
  std::uint64_t clock_ = 0;
  std::unordered_multimap<std::uint64_t, std::shared_ptr<Plan>> plans_;
};

}  // namespace tapegrad
