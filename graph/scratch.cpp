#include <tapegrad/graph/scratch.h>

#include <array>
#include <utility>

namespace tapegrad {
namespace {

// The blocks that a thread has to lend: as many as calls were ever nested on it, up to a bound.
struct Blocks {
  std::array<Buffer, 16> blocks;
  std::size_t count = 0;
};
thread_local Blocks kept;

}  // namespace

ScratchBlock::ScratchBlock(std::size_t bytes) {
  if (kept.count > 0) block_ = std::move(kept.blocks[--kept.count]);
  block_.renew(bytes);
}

ScratchBlock::~ScratchBlock() {
  if (kept.count < kept.blocks.size()) kept.blocks[kept.count++] = std::move(block_);
}

}  // namespace tapegrad
