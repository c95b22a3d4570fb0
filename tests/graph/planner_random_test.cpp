// Random graphs: whatever the planner is told to do, values and gradients are the same.
#include "random_graph.h"

#include <oneapi/tbb/global_control.h>

namespace {

namespace tg = tapegrad;
using graph_test::distance;
using graph_test::outcome;
using graph_test::RandomGraph;

struct Size {
  const char* name;
  tg::Index scale;
  int nodes;
  int graphs;
};
constexpr Size sizes[] = {
    {"tiny", 1, 12, 60}, {"small", 4, 30, 25}, {"large", 40, 25, 4}, {"wide", 64, 40, 2}};

template <class Body>
void for_graphs(const Body& body) {
  for (const Size& size : sizes) {
    for (int i = 0; i < size.graphs; ++i) {
      const auto seed = static_cast<std::uint64_t>(1000 * size.scale + i);
      CAPTURE(std::string(size.name));
      CAPTURE(seed);
      RandomGraph graph(seed, size.scale, size.nodes);
      body(graph, size);
    }
  }
}

}  // namespace

TEST_CASE(
    "random graphs give the same with and without batching, merging, fusion and views, and "
    "eagerly") {
  const std::pair<const char*, tg::TapeOptions> variants[] = {
      {"no batching", {.batching = false}},
      {"no merging", {.merging = false}},
      {"no fusion", {.fusion = false}},
      {"no views", {.views = false}},
      {"no plan cache", {.plan_cache = false}},
      {"nothing", {.batching = false, .merging = false, .fusion = false, .views = false}}};
  for_graphs([&](RandomGraph& graph, const Size& size) {
    const auto exact = outcome(graph, {.dtype = tg::Dtype::float64,
                                       .batching = false,
                                       .merging = false,
                                       .fusion = false,
                                       .views = false});
    CHECK(distance(exact, outcome(graph, {.dtype = tg::Dtype::float64})) < 1e-10);
    for (auto [name, options] : variants) {
      const std::string variant = name;  // Clang 14 does not capture structured bindings
      CAPTURE(variant);
      options.dtype = tg::Dtype::float64;
      CHECK(distance(exact, outcome(graph, options)) < 1e-10);
    }
    if (size.scale <= 4)
      CHECK(distance(exact, outcome(graph, {.dtype = tg::Dtype::float64, .eager = true})) < 1e-10);
    const auto single =
        outcome(graph, {.batching = false, .merging = false, .fusion = false, .views = false});
    CHECK(distance(single, outcome(graph, tg::TapeOptions{})) < 2e-3);
    CHECK(distance(exact, single) < 2e-3);
  });
}

TEST_CASE(
    "random graphs give the same bits on 1, 2 and 4 threads, profiled and checked, hit and miss") {
  const tbb::global_control control(tbb::global_control::max_allowed_parallelism, 4);
  for_graphs([&](RandomGraph& graph, const Size&) {
    tg::Tape tape({.threads = 1});
    const auto first = outcome(graph, tape);
    CHECK(outcome(graph, tape) == first);
    CHECK(tape.runner().hits() == 1);
    const std::pair<const char*, tg::TapeOptions> variants[] = {
        {"2 threads", {.threads = 2}},
        {"4 threads", {.threads = 4}},
        {"profiled", {.threads = 2, .profile = true}},
        {"checked", {.threads = 1, .check_finite = true}},
        {"never cached", {.threads = 2, .plan_cache = false}}};
    for (const auto& [name, options] : variants) {
      const std::string variant = name;  // Clang 14 does not capture structured bindings
      CAPTURE(variant);
      CHECK(outcome(graph, options) == first);
    }
  });
}

TEST_CASE(
    "nodes of a random graph that are asked for one after another have the values of a whole run") {
  for_graphs([&](RandomGraph& graph, const Size& size) {
    if (size.scale > 4) return;
    tg::Tape whole({.dtype = tg::Dtype::float64,
                    .batching = false,
                    .merging = false,
                    .fusion = false,
                    .views = false});
    tg::Tape parts({.dtype = tg::Dtype::float64});
    (void)graph.record(whole).item();
    const auto expected = graph.pool();
    const tg::Tensor loss = graph.record(parts);
    const auto found = graph.pool();
    for (std::size_t i = 1; i < found.size(); i += 3) {
      CAPTURE(i);
      CHECK(graph_test::distance(expected[i].copy(), found[i].copy()) < 1e-10);
    }
    const tg::Gradients gradients = tg::backward(loss);
    const auto direct = outcome(graph, {.dtype = tg::Dtype::float64});
    std::size_t i = 1;
    for (const tg::Parameter& parameter : graph.parameters()) {
      if (gradients.contains(parameter.name()))
        CHECK(graph_test::distance(direct[i], gradients.at(parameter)) < 1e-10);
      ++i;
    }
  });
}
