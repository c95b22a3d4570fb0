// Where values lie. Memory is used again by who comes after all of its readers: later in the same
// task, or in a task that waits for theirs.
#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

// Smaller values are not worth the search for a place.
constexpr std::uint64_t reused_bytes = 16384;

constexpr std::uint64_t most_bytes = std::uint64_t{1} << address_bits;

[[noreturn]] void refuse_bytes(std::uint64_t bytes, std::uint64_t used, std::uint64_t count) {
  throw Error(fmt::format("the values of this run need more than {} bytes: {} of {} bytes after {}",
                          most_bytes, count, bytes, used));
}

// Before sizes are added: what is past an address is past any memory, and sums of it would wrap.
inline void require_addressable(std::uint64_t bytes, std::uint64_t used, std::uint64_t count = 1) {
  if (used > most_bytes || bytes > (most_bytes - used) / count) refuse_bytes(bytes, used, count);
}

}  // namespace

// First fit among what was freed, else the end.
Address Planner::allocate(std::uint64_t bytes, Memory memory) {
  if (memory == arena_memory && bytes >= reused_bytes) {
    const auto fit = std::ranges::find_if(free_, [&](const Free& free) {
      return free.bytes >= bytes && read_before(free.value, emitting_);
    });
    if (fit != free_.end()) {
      const std::uint64_t offset = fit->offset;
      const std::uint64_t taken = (bytes + 63) / 64 * 64;
      fit->offset += std::min(taken, fit->bytes);
      fit->bytes -= std::min(taken, fit->bytes);
      if (fit->bytes < reused_bytes) free_.erase(fit);
      return address(memory, offset);
    }
  }
  return allocate_new(bytes, memory);
}

Address Planner::allocate_new(std::uint64_t bytes, Memory memory) {
  std::uint64_t& used = memory == result_memory ? result_used_ : arena_used_;
  const std::uint64_t offset = bytes >= 4096 ? (used + 63) / 64 * 64 : placed(used, bytes);
  require_addressable(bytes, offset);
  used = offset + bytes;
  return address(memory, offset);
}

// What lies there is free once the group at `last_reader` has run.
void Planner::free_after(std::uint32_t last_reader, Address at, std::uint64_t bytes,
                         std::uint32_t value) {
  if (bytes >= reused_bytes && reuses_)
    dying_[last_reader].push_back({offset_of(at), bytes / 64 * 64, value});
}

void Planner::release_after(std::uint32_t position) {
  for (const Free& free : dying_[position]) {
    const auto next =
        std::ranges::find_if(free_, [&](const Free& other) { return other.offset > free.offset; });
    const auto at = free_.insert(next, free);
    if (at + 1 != free_.end() && at->offset + at->bytes == (at + 1)->offset) {
      at->bytes += (at + 1)->bytes;
      join_readers(at->value, (at + 1)->value);
      free_.erase(at + 1);
    }
    if (at != free_.begin() && (at - 1)->offset + (at - 1)->bytes == at->offset) {
      (at - 1)->bytes += at->bytes;
      join_readers((at - 1)->value, at->value);
      free_.erase(at);
    }
  }
}

// Groups of several tasks may write to one row, so in a plan of several it gets new memory.
void Planner::place_in_row(NodeId id) {
  Row& row = rows_[info_[id].row];
  if (row.at == no_address) {
    row.at = serial_ ? allocate(row.bytes, arena_memory) : allocate_new(row.bytes, arena_memory);
    free_after(row.last_reader, row.at, row.bytes,
               static_cast<std::uint32_t>(groups_.size()) + info_[id].row);
  }
  address_[id] += row.at;
}

// Members that a row has a place for go there.
void Planner::place_apart(const Group& group) {
  for (const NodeId id : members_of(group)) {
    if (info_[id].row != ~0u) {
      place_in_row(id);
      continue;
    }
    const std::uint64_t bytes = extent(id).bytes();
    address_[id] = allocate(bytes, has(id, stays) ? result_memory : arena_memory);
    if (!has(id, stays))
      free_after(std::max(group.last_reader, emitting_), address_[id], bytes, emitting_);
  }
}

bool Planner::lies_together(std::span<const NodeId> nodes) const {
  const std::uint64_t bytes = extent(nodes[0]).bytes();
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (address_[nodes[i]] != address_[nodes[0]] + bytes * i) return false;
  }
  return true;
}

void Planner::place_output(const Group& group) {
  const std::span<const NodeId> members = members_of(group);
  if (std::ranges::any_of(members, [&](NodeId id) { return info_[id].row != ~0u; })) {
    place_apart(group);
    return;
  }
  const bool kept = request_->retain_all ||
                    std::ranges::any_of(members, [&](NodeId id) { return has(id, stays); });
  const std::uint64_t bytes = extent(group.first).bytes();
  require_addressable(bytes, 0, group.count);
  const Address first = allocate(bytes * group.count, kept ? result_memory : arena_memory);
  for (std::size_t i = 0; i < members.size(); ++i) address_[members[i]] = first + bytes * i;
  if (!kept)
    free_after(std::max(group.last_reader, emitting_), first, bytes * group.count, emitting_);
}

}  // namespace tapegrad
