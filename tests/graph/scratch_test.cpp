// Memory for the length of a call: kernels that wait for oneTBB, and what they meet meanwhile.
#include "graph_test_tools.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <tapegrad/graph/scratch.h>

namespace {

namespace tg = tapegrad;

// The sum of all inputs, read after a loop on oneTBB. While it waits for the loop, a thread may
// begin another node's kernel.
void waiting_sum(const tg::KernelContext& context) {
  tbb::parallel_for(0, 8, [](int) { std::this_thread::sleep_for(std::chrono::microseconds(20)); });
  for (tg::Index i = 0; i < context.output_shape().size(); ++i) {
    context.out<float>()[i] = 0.0F;
    for (std::size_t k = 0; k < context.inputs.size(); ++k)
      context.out<float>()[i] += context.in<float>(k)[i];
  }
}

const tg::Operation waiting_sum_operation{
    .name = "waiting sum",
    .form = tg::Form::whole,
    .inputs = tg::Arity::one_or_more,
    .shape = [](const tg::ShapeContext& context) { return *context.inputs[0]; },
    .cost = [](const tg::ShapeContext&, const tg::Type&) { return 1e6; },
    .kernel_float = waiting_sum};

}  // namespace

TEST_CASE("kernels that use oneTBB inside keep their own inputs, however many they have") {
  const tbb::global_control more_than_cores(tbb::global_control::max_allowed_parallelism, 8);
  for (const std::size_t count : {1u, 8u, 9u, 40u}) {
    tg::Tape tape({.threads = 8});
    std::vector<tg::Tensor> sums;
    for (int node = 0; node < 240; ++node) {
      std::vector<tg::Tensor> inputs;
      for (std::size_t k = 0; k < count; ++k) inputs.push_back(tape.full({3}, node));
      sums.push_back(tg::record(waiting_sum_operation, inputs, {}, tg::SourceLine::here()));
    }
    tg::concatenate(sums).values();
    int wrong = 0;
    for (std::size_t node = 0; node < sums.size(); ++node)
      wrong += sums[node].values()[0] != static_cast<float>(node * count) ? 1 : 0;
    CAPTURE(count);
    CHECK(wrong == 0);
  }
}

TEST_CASE("blocks that are held at once are apart, and a thread lends the same ones again") {
  std::set<const double*> before;
  for (int round = 0; round < 3; ++round) {
    std::array<std::optional<tg::Scratch<double>>, 5> held;
    std::set<const double*> places;
    for (std::size_t i = 0; i < held.size(); ++i) {
      held[i].emplace(1000);
      std::fill_n(held[i]->data(), 1000, static_cast<double>(i));
      places.insert(held[i]->data());
      CHECK(reinterpret_cast<std::uintptr_t>(held[i]->data()) % tg::Buffer::alignment == 0);
    }
    for (std::size_t i = 0; i < held.size(); ++i)
      CHECK(std::ranges::count(held[i]->span(), static_cast<double>(i)) == 1000);
    CHECK(places.size() == held.size());
    if (round > 1) CHECK(places == before);
    before = places;
    // Not in the order in which they were lent, as a suspended task may do.
    for (const std::size_t i : {2u, 0u, 4u, 1u, 3u}) held[i].reset();
  }
}

TEST_CASE("a block may go back on another thread, and more may be held than a thread keeps") {
  std::vector<std::unique_ptr<tg::Scratch<float>>> held;
  for (int i = 0; i < 40; ++i) held.push_back(std::make_unique<tg::Scratch<float>>(i));
  std::thread([&] { held.clear(); }).join();
  tg::Scratch<float> again(10);
  again.data()[9] = 1.0F;
  CHECK(again.span().size() == 10);
  CHECK(tg::Scratch<float>(0).span().empty());
}
