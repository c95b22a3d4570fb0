// The Boost view of tapes, and Boost's algorithms as oracles of the engine's own order and
// reachability.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/range/iterator_range.hpp>

#include <tapegrad/graph/boost_graph.h>
#include <tapegrad/graph/random.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;

BOOST_CONCEPT_ASSERT((boost::concepts::BidirectionalGraph<tg::TapeGraph>));
BOOST_CONCEPT_ASSERT((boost::concepts::AdjacencyGraph<tg::TapeGraph>));
BOOST_CONCEPT_ASSERT((boost::concepts::VertexAndEdgeListGraph<tg::TapeGraph>));
BOOST_CONCEPT_ASSERT(
    (boost::concepts::ReadablePropertyGraph<tg::TapeGraph, tg::NodeId, boost::vertex_index_t>));
BOOST_CONCEPT_ASSERT(
    (boost::concepts::ReadablePropertyGraph<tg::TapeGraph, tg::Edge, boost::edge_index_t>));

// Nothing is copied or joined, so that exactly the nodes that a value needs run, and the profile
// says which.
const tg::TapeOptions plain{.threads = 1, .profile = true, .merging = false, .views = false};

// Operations of one to five inputs, which favour new nodes but reach back to old ones, and now and
// then read one twice.
void record_random(tg::Tape& tape, tg::Random& random, std::size_t count) {
  std::vector<tg::Tensor> nodes{tape.full({3}, 0.5), tape.full({3}, -0.25), tape.constant(2.0)};
  const auto pick = [&] {
    const auto size = static_cast<tg::Index>(nodes.size());
    return nodes[static_cast<std::size_t>(size - 1 -
                                          std::min(random.below(size), random.below(size)))];
  };
  while (nodes.size() < count) {
    const tg::Tensor x = pick();
    switch (random.below(7)) {
      case 0:
        nodes.push_back(tg::tanh(x));
        break;
      case 1:
        nodes.push_back(x + pick());
        break;
      case 2:
        nodes.push_back(x * x);
        break;
      case 3:
        nodes.push_back(tg::detach(x));
        break;
      case 4:
        nodes.push_back(tg::where(x, pick(), pick()));
        break;
      case 5:
        nodes.push_back(
            tg::add_all(std::vector<tg::Tensor>(static_cast<std::size_t>(2 + random.below(4)), x)));
        break;
      default:
        nodes.push_back(tape.full({3}, random.uniform(-1.0, 1.0)));
        break;
    }
  }
}

// The nodes that were computed since the tape was cleared, from the `first`-th instruction on.
std::set<tg::NodeId> nodes_run(tg::Tape& tape, std::size_t first = 0) {
  std::set<tg::NodeId> nodes;
  for (const tg::TimedInstruction& timed : tape.runner().recording_times().subspan(first)) {
    for (const tg::LabelledNode& labelled : timed.label->nodes) nodes.insert(labelled.node);
  }
  return nodes;
}

// The nodes from which `node` can be reached, leaves left out.
template <class Graph>
std::set<tg::NodeId> needed(const Graph& graph, tg::NodeId node, const tg::Tape& tape) {
  std::vector<boost::default_color_type> colors(num_vertices(graph), boost::white_color);
  const auto reversed = boost::make_reverse_graph(graph);
  const auto index = get(boost::vertex_index, graph);
  boost::breadth_first_search(
      reversed, node, boost::color_map(boost::make_iterator_property_map(colors.begin(), index)));
  std::set<tg::NodeId> nodes;
  for (tg::NodeId id = 0; id < colors.size(); ++id) {
    if (colors[id] == boost::black_color && !tape.structure().nodes[id].is_leaf()) nodes.insert(id);
  }
  return nodes;
}

template <class Range>
std::vector<tg::Edge> edges_in(const Range& range) {
  return {range.first, range.second};
}

TEST_CASE("x + x is two edges") {
  tg::Tape tape;
  const tg::Tensor x = tape.constant(3.0);
  const tg::Tensor y = x + x;
  const tg::TapeGraph graph(tape);
  CHECK(num_vertices(graph) == 2);
  CHECK(num_edges(graph) == 2);
  const auto out = edges_in(out_edges(x.node(), graph));
  REQUIRE(out.size() == 2);
  CHECK(out[0] != out[1]);
  for (const tg::Edge& edge : out) {
    CHECK(source(edge, graph) == x.node());
    CHECK(target(edge, graph) == y.node());
  }
  CHECK(edges_in(in_edges(y.node(), graph)) == out);
  CHECK(edges_in(edges(graph)) == out);
  CHECK(out_degree(x.node(), graph) == 2);
  CHECK(in_degree(x.node(), graph) == 0);
  CHECK(degree(y.node(), graph) == 2);
}

TEST_CASE("an empty tape is an empty graph") {
  tg::Tape tape;
  const tg::TapeGraph graph(tape);
  CHECK(num_vertices(graph) == 0);
  CHECK(num_edges(graph) == 0);
  CHECK(vertices(graph).first == vertices(graph).second);
  CHECK(edges(graph).first == edges(graph).second);
}

TEST_CASE("the edges to nodes, from nodes and of the graph are the same") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    tg::Tape tape;
    tg::Random random(seed);
    record_random(tape, random, 300);
    const tg::TapeGraph graph(tape);
    const auto all = edges_in(edges(graph));
    REQUIRE(all.size() == tape.structure().inputs.size());
    std::vector<tg::Edge> to, from;
    for (const tg::NodeId node : boost::make_iterator_range(vertices(graph))) {
      const auto in = edges_in(in_edges(node, graph));
      const auto out = edges_in(out_edges(node, graph));
      CHECK(std::ranges::all_of(in, [&](const tg::Edge& edge) { return edge.target == node; }));
      CHECK(std::ranges::all_of(out, [&](const tg::Edge& edge) { return edge.source == node; }));
      CHECK(std::ranges::is_sorted(out, {}, &tg::Edge::index));
      const auto [reader, last_reader] = adjacent_vertices(node, graph);
      CHECK(std::equal(reader, last_reader, out.begin(), out.end(),
                       [](tg::NodeId id, const tg::Edge& edge) { return id == edge.target; }));
      CHECK(in.size() == in_degree(node, graph));
      CHECK(out.size() == out_degree(node, graph));
      to.insert(to.end(), in.begin(), in.end());
      from.insert(from.end(), out.begin(), out.end());
    }
    CHECK(to == all);
    std::ranges::sort(from, {}, &tg::Edge::index);
    CHECK(from == all);
    for (std::uint32_t i = 0; i < all.size(); ++i)
      CHECK(get(boost::edge_index, graph, all[i]) == i);
  }
}

TEST_CASE("the order of creation is a topological order, gradients included") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    tg::Tape tape;
    tg::Random random(seed);
    record_random(tape, random, 200);
    const tg::Tensor x = tape.full({3}, 0.1);
    const tg::Tensor loss = tg::sum(x * tape.tensor(tape.structure().count() - 2) * tg::tanh(x));
    tg::gradient(tg::sum(tg::gradient(loss, x)), x);
    const tg::TapeGraph graph(tape);
    const auto all = edges_in(edges(graph));
    CHECK(std::ranges::all_of(all, [](const tg::Edge& edge) { return edge.source < edge.target; }));
    // Boost finds an order, so there is no cycle, and its order agrees on every edge.
    std::vector<tg::NodeId> order;
    boost::topological_sort(graph, std::back_inserter(order));
    REQUIRE(order.size() == num_vertices(graph));
    std::vector<std::size_t> place(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = order.size() - i;
    CHECK(std::ranges::all_of(
        all, [&](const tg::Edge& edge) { return place[edge.source] < place[edge.target]; }));
  }
}

TEST_CASE("a value runs exactly the nodes from which it can be reached") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    tg::Tape tape(plain);
    tg::Random random(seed);
    record_random(tape, random, 150);
    const auto node = static_cast<tg::NodeId>(random.below(tape.structure().count()));
    tape.evaluate(tape.tensor(node));
    CHECK(nodes_run(tape) == needed(tg::TapeGraph(tape), node, tape));
  }
}

TEST_CASE("a second value runs what can reach it once the first one's nodes are cut off") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    tg::Tape tape(plain);
    tg::Random random(seed);
    record_random(tape, random, 150);
    const tg::NodeId count = tape.structure().count();
    tape.evaluate(tape.tensor(count / 2 + static_cast<tg::NodeId>(random.below(count / 2))));
    const auto first = nodes_run(tape);
    const std::size_t instructions = tape.runner().recording_times().size();
    const auto second = static_cast<tg::NodeId>(count / 2 + random.below(count / 2));
    tape.evaluate(tape.tensor(second));

    const tg::TapeGraph graph(tape);
    const auto keeps_edge = [&](const tg::Edge& edge) { return !first.contains(edge.source); };
    const boost::filtered_graph<tg::TapeGraph, std::function<bool(tg::Edge)>> cut(graph,
                                                                                  keeps_edge);
    auto expected = needed(cut, second, tape);
    if (first.contains(second)) expected.clear();
    CHECK(nodes_run(tape, instructions) == expected);
  }
}

TEST_CASE("a graph shows the nodes that were there when it was made") {
  tg::Tape tape;
  const tg::Tensor x = tape.constant(1.0);
  tg::Tensor y = tg::exp(x);
  const tg::TapeGraph graph(tape);
  for (int i = 0; i < 1000; ++i) y = y + x;
  CHECK(num_vertices(graph) == 2);
  CHECK(edges_in(out_edges(x.node(), graph)) == std::vector{tg::Edge{x.node(), x.node() + 1, 0}});
  const tg::TapeGraph longer(tape);
  CHECK(num_vertices(longer) == 1002);
  CHECK(out_degree(x.node(), longer) == 1001);
}

TEST_CASE("2 to the power of 100,000 paths take linear time") {
  tg::Tape tape;
  tg::Tensor x = tape.constant(1.0);
  for (int i = 0; i < 100'000; ++i) x = x + x;
  const tg::TapeGraph graph(tape);
  CHECK(num_edges(graph) == 200'000);
  CHECK(needed(graph, x.node(), tape).size() == 100'000);
}

}  // namespace
