#include <tapegrad/graph/plan_cache.h>

#include <algorithm>
#include <cstring>

namespace tapegrad {
namespace {

std::uint64_t key_hash(const Structure& structure, std::span<const NodeId> requests) {
  std::uint64_t hash = mix(structure.hash, structure.nodes.size());
  for (const NodeId request : requests) hash = mix(hash, request);
  return hash;
}

template <class T>
bool same_bytes(std::span<const T> left, std::span<const T> right) {
  return left.size() == right.size() && (left.empty() || std::memcmp(left.data(), right.data(), left.size_bytes()) == 0);
}

template <class T>
std::size_t bytes_in(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

}  // namespace

std::size_t Plan::bytes() const {
  return sizeof(Plan) + bytes_in(key.nodes) + bytes_in(key.inputs) + bytes_in(key.requests) + bytes_in(instructions) +
         bytes_in(details) + bytes_in(operands) + bytes_in(addresses) + bytes_in(types) + bytes_in(tasks) + bytes_in(successors) +
         bytes_in(outputs) + bytes_in(gradients) + bytes_in(reads) + constants.capacity();
}

std::shared_ptr<const Plan> PlanCache::find(const Structure& structure, std::span<const NodeId> requests) {
  const auto [first, last] = plans_.equal_range(key_hash(structure, requests));
  for (auto at = first; at != last; ++at) {
    Plan& plan = *at->second;
    if (same_bytes<Node>(plan.key.nodes, structure.nodes) && same_bytes<NodeId>(plan.key.inputs, structure.inputs) &&
        same_bytes<NodeId>(plan.key.requests, requests)) {
      plan.last_use = ++clock_;
      ++hits_;
      return at->second;
    }
  }
  ++misses_;
  return nullptr;
}

void PlanCache::add(const std::shared_ptr<Plan>& plan, const Structure& structure, std::span<const NodeId> requests) {
  plan->key.nodes = structure.nodes;
  plan->key.inputs = structure.inputs;
  plan->key.requests.assign(requests.begin(), requests.end());
  plan->key.hash = key_hash(structure, requests);
  plan->last_use = ++clock_;
  bytes_ += plan->bytes();
  plans_.emplace(plan->key.hash, plan);
  if (bytes_ > capacity_) evict();
}

// Down to three quarters, so that a program that always misses does not search for a victim at every step.
void PlanCache::evict() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ages;  // last use, hash
  for (const auto& [hash, plan] : plans_) ages.emplace_back(plan->last_use, hash);
  std::ranges::sort(ages);
  for (const auto& age : ages) {
    if (bytes_ <= capacity_ / 4 * 3) return;
    const auto [first, last] = plans_.equal_range(age.second);
    const auto victim = std::find_if(first, last, [&](const auto& entry) { return entry.second->last_use == age.first; });
    bytes_ -= victim->second->bytes();
    plans_.erase(victim);
  }
}

}  // namespace tapegrad
