#include <tapegrad/graph/plan_cache.h>

#include <algorithm>
#include <cstring>

namespace tapegrad {
namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) {
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// A line of the cache at a time, in lanes, so that four multiplications are under way.
std::uint64_t hash_bytes(std::uint64_t seed, const void* bytes, std::size_t count) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15u;
  constexpr std::size_t lanes = 4;
  std::uint64_t sums[lanes] = {seed, seed ^ odd, ~seed, ~seed ^ odd};
  const auto* at = static_cast<const std::byte*>(bytes);
  while (count > 0) {
    std::uint64_t words[2 * lanes] = {};
    const std::size_t part = std::min(count, sizeof words);
    if (part == sizeof words)
      std::memcpy(words, at, sizeof words);
    else
      std::memcpy(words, at, part);
    for (std::size_t i = 0; i < lanes; ++i)
      sums[i] = folded_product(words[2 * i] ^ odd, words[2 * i + 1] ^ sums[i]);
    at += part;
    count -= part;
  }
  return folded_product(sums[0] ^ odd, sums[1]) ^ folded_product(sums[2] ^ odd, sums[3]);
}

std::uint64_t key_hash(const Structure& structure, std::span<const NodeId> requests) {
  std::uint64_t hash = hash_bytes(structure.nodes.size(), structure.nodes.data(),
                                  structure.nodes.size() * sizeof(Node));
  hash = hash_bytes(hash, structure.inputs.data(), structure.inputs.size() * sizeof(NodeId));
  return hash_bytes(hash, requests.data(), requests.size_bytes());
}

template <class T>
bool same_bytes(std::span<const T> left, std::span<const T> right) {
  return left.size() == right.size() &&
         (left.empty() || std::memcmp(left.data(), right.data(), left.size_bytes()) == 0);
}

bool serves(const Plan& plan, const Structure& structure, std::span<const NodeId> requests) {
  return same_bytes<NodeId>(plan.key.requests, requests) &&
         same_bytes<Node>(plan.key.nodes, structure.nodes) &&
         same_bytes<NodeId>(plan.key.inputs, structure.inputs);
}

template <class T>
std::size_t bytes_in(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

}  // namespace

std::size_t Plan::bytes() const {
  return sizeof(Plan) + bytes_in(key.nodes) + bytes_in(key.inputs) + bytes_in(key.requests) +
         bytes_in(instructions) + bytes_in(details) + bytes_in(operands) + bytes_in(addresses) +
         bytes_in(types) + bytes_in(tasks) + bytes_in(successors) + bytes_in(outputs) +
         bytes_in(gradients) + bytes_in(reads) + constants.capacity();
}

std::shared_ptr<const Plan> PlanCache::find(const Structure& structure,
                                            std::span<const NodeId> requests) {
  if (latest_ == nullptr || !serves(*latest_, structure, requests)) {
    const auto [first, last] = plans_.equal_range(key_hash(structure, requests));
    const auto found = std::find_if(
        first, last, [&](const auto& entry) { return serves(*entry.second, structure, requests); });
    if (found == last) {
      ++misses_;
      return nullptr;
    }
    latest_ = found->second;
  }
  latest_->last_use = ++clock_;
  ++hits_;
  return latest_;
}

void PlanCache::add(const std::shared_ptr<Plan>& plan, const Structure& structure,
                    std::span<const NodeId> requests) {
  plan->key.nodes = structure.nodes;
  plan->key.inputs = structure.inputs;
  plan->key.requests.assign(requests.begin(), requests.end());
  plan->last_use = ++clock_;
  bytes_ += plan->bytes();
  plans_.emplace(key_hash(structure, requests), plan);
  latest_ = plan;
  if (bytes_ > capacity_) evict();
}

void PlanCache::clear() {
  plans_.clear();
  latest_ = nullptr;
  bytes_ = 0;
}

// Down to three quarters, so that a program that always misses does not search for a victim at
// every step.
void PlanCache::evict() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ages;  // last use, hash
  for (const auto& [hash, plan] : plans_) ages.emplace_back(plan->last_use, hash);
  std::ranges::sort(ages);
  for (const auto& age : ages) {
    if (bytes_ <= capacity_ / 4 * 3) return;
    const auto [first, last] = plans_.equal_range(age.second);
    const auto victim = std::find_if(
        first, last, [&](const auto& entry) { return entry.second->last_use == age.first; });
    bytes_ -= victim->second->bytes();
    if (victim->second == latest_) latest_ = nullptr;
    plans_.erase(victim);
  }
}

}  // namespace tapegrad
