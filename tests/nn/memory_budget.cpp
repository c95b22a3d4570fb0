// Recomputation holds its memory budget, measured. A program of its own: in one that has done
// something else, what is held depends on the holes that were left in the heap.
#include "../process_memory.h"
#include "../sanitizers.h"
#include "random_inputs.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>
#include <malloc.h>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using nn_test::random_inputs;

}  // namespace

TEST_CASE("nets over very many steps train within their memory budget") {
  if (status_bytes("RssAnon") == 0.0) {
    MESSAGE("skipped: memory cannot be measured here");
    return;
  }
  mallopt(M_MMAP_THRESHOLD,
          1 << 16);  // what is freed goes back to the system, so that what is held is measured
  struct Case {
    tg::Index batch, width, steps;
    std::size_t budget;
  };
  for (const Case& one :
       {Case{16, 32, 10000, std::size_t{16} << 20}, Case{1, 8, 10000, std::size_t{3} << 20},
        Case{8, 128, 2000, std::size_t{24} << 20}, Case{32, 256, 300, std::size_t{100} << 20}}) {
    CAPTURE(one.width);
    tg::Parameters parameters(3);
    const nn::LstmCell cell(parameters.root(), 8, one.width);
    const auto inputs = random_inputs(16, {one.batch, 8});
    // What the tape holds when it differentiates is still there when it records again.
    double most = 0.0;
    const nn::TimeStep step = [&](tg::Tape& tape, tg::Index t,
                                  const std::vector<tg::Tensor>& state) {
      if (t % 50 == 0) most = std::max(most, status_bytes("RssAnon"));
      const tg::LstmState after =
          cell(tape.input(inputs[static_cast<std::size_t>(t % 16)]), {state[0], state[1]});
      return nn::TimeStepResult{{after.hidden, after.cell}, tg::mean(tg::square(after.hidden))};
    };
    const std::vector<tg::Array> zeros(2, tg::Array({one.batch, one.width}));
    {
      tg::Tape warm({.threads = 1});
      nn::backward_with_recomputation(warm, 20, zeros, step, one.budget);
    }
    malloc_trim(0);
    const double before = status_bytes("RssAnon");
    most = 0.0;
    tg::Tape tape({.threads = 1});
    const auto result = nn::backward_with_recomputation(tape, one.steps, zeros, step, one.budget);
    const double used = most - before;
    MESSAGE("width " << one.width << ", batch " << one.batch << ", " << one.steps
                     << " steps: segments of " << result.segment << ", " << used / (1 << 20)
                     << " of " << (one.budget >> 20) << " MiB");
    CHECK(result.segment < one.steps);
    CHECK(std::isfinite(result.gradients.norm()));
    if (!freed_memory_is_kept) CHECK(used <= static_cast<double>(one.budget));
  }
}
