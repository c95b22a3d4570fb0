// A steady step of a whole model, its optimizer included, allocates nothing: every workload of
// tg-bench.
#include "allocation_counter.h"

#include <doctest/doctest.h>

#include <string>

#include <tapegrad/graph/runner.h>

#include <workload.h>

namespace tg = tapegrad;

namespace {

// tree_lstm has other trees, and so another plan, in every step; here it gets the same 25 again and
// again.
void repeat_trees(bench::Workload& workload) {
  tg::nn::WeightFile file;
  for (const auto& [name, array] : tg::nn::weights_of(workload.parameters()))
    file.tensors.emplace("param." + name, array);
  std::vector<tg::Index> nodes, trees;
  for (tg::Index tree = 0; tree < 25; ++tree) {
    for (const tg::Index number : {tg::Index{0}, tree, static_cast<tg::Index>(nodes.size()) / 2})
      trees.push_back(number);
    const tg::Index leaves = 2 + tree % 5;
    for (tg::Index i = 0; i < leaves; ++i) {
      if (i + 1 < leaves) nodes.insert(nodes.end(), {-1, i % 5});
      nodes.insert(nodes.end(), {100 * tree + i, tree % 5});
    }
  }
  const auto rows = [](const std::vector<tg::Index>& values, tg::Index width) {
    return tg::Array::from(std::span<const tg::Index>(values),
                           {static_cast<tg::Index>(values.size()) / width, width});
  };
  file.tensors.emplace("input.nodes", rows(nodes, 2));
  file.tensors.emplace("input.trees", rows(trees, 3));
  workload.load(file);
}

}  // namespace

TEST_CASE("a steady step of every workload, its optimizer's included, allocates nothing") {
  for (const bench::Entry& entry : bench::workloads()) {
    for (const int threads : {1, 2}) {
      const std::string name(entry.name);
      CAPTURE(name);
      CAPTURE(threads);
      const auto workload = entry.make({.threads = threads});
      if (name == "tree_lstm") repeat_trees(*workload);
      for (int step = 0; step < 6; ++step) workload->step();
      // A step is steady if its plan was there; lstm_varying has about a hundred of them. Which
      // thread runs a kernel is the scheduler's choice, and a thread that runs it for the first
      // time allocates its scratch memory: of two threads the second may do so in a late step, once
      // a block.
      const int wanted = threads == 1 ? 3 : 8;
      int steady = 0;
      long late = 0;
      for (int step = 0; step < 2000 && steady < wanted; ++step) {
        const std::uint64_t misses = workload->tape().runner().misses();
        const long before = allocation_counter::count();
        allocation_counter::start();
        workload->step();
        allocation_counter::stop();
        if (workload->tape().runner().misses() != misses) continue;
        const long allocated = allocation_counter::count() - before;
        late += allocated;
        steady = allocated == 0 ? steady + 1 : 0;
      }
      CHECK(late <= (threads == 1 ? 0 : 4));
      CHECK(steady == wanted);
    }
  }
}
