// A tape as a Boost graph: its nodes are vertices, and an edge runs from each input to the node
// that reads it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/counting_iterator.hpp>
#include <boost/iterator/transform_iterator.hpp>
#include <boost/property_map/property_map.hpp>

#include <tapegrad/graph/tape.h>

namespace tapegrad {

// One reading of a value: x + x has two edges from x, which differ in their index.
struct Edge {
  NodeId source = no_node;
  NodeId target = no_node;
  std::uint32_t index = ~0u;  // into Structure::inputs
  auto operator<=>(const Edge&) const = default;
};

// A view: it copies no nodes, only makes the index of who reads what, in time and memory O(nodes +
// edges). It shows the nodes that were there when it was made, also if more are recorded, until the
// tape is cleared. Models BidirectionalGraph, AdjacencyGraph and VertexAndEdgeListGraph;
// vertex_index and edge_index count from 0. Safe to read from several threads while nobody records.
// The functions below are called without a namespace, as Boost's algorithms call them.
//
//   const TapeGraph graph(tape);
//   std::vector<NodeId> order;
//   boost::topological_sort(graph, std::back_inserter(order));  // after including its header
class TapeGraph {
  struct EdgeAt {
    const Structure* structure = nullptr;
    const NodeId* targets = nullptr;
    Edge operator()(std::uint32_t index) const {
      return {structure->inputs[index], targets[index], index};
    }
  };
  struct TargetAt {
    const NodeId* targets = nullptr;
    NodeId operator()(std::uint32_t index) const { return targets[index]; }
  };

 public:
  explicit TapeGraph(const Tape& tape);

  const Tape& tape() const { return *tape_; }
  const Node& node(NodeId id) const { return tape_->structure().nodes[id]; }
  std::size_t node_count() const { return first_.size() - 1; }
  std::size_t edge_count() const { return targets_.size(); }
  // The indices of the edges that leave a node, in ascending order.
  std::span<const std::uint32_t> readings_of(NodeId id) const {
    return std::span(readings_).subspan(first_[id], first_[id + 1] - first_[id]);
  }

  // What boost::graph_traits reads.
  struct traversal_category : virtual boost::bidirectional_graph_tag,
                              virtual boost::adjacency_graph_tag,
                              virtual boost::vertex_list_graph_tag,
                              virtual boost::edge_list_graph_tag {};
  using directed_category = boost::bidirectional_tag;
  using edge_parallel_category = boost::allow_parallel_edge_tag;
  using vertex_descriptor = NodeId;
  using edge_descriptor = Edge;
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;
  using vertex_iterator = boost::counting_iterator<NodeId>;
  using edge_iterator = boost::transform_iterator<EdgeAt, boost::counting_iterator<std::uint32_t>>;
  using in_edge_iterator = edge_iterator;
  using out_edge_iterator = boost::transform_iterator<EdgeAt, const std::uint32_t*>;
  using adjacency_iterator = boost::transform_iterator<TargetAt, const std::uint32_t*>;
  static NodeId null_vertex() { return no_node; }

  // The edges with the indices [begin, end).
  std::pair<edge_iterator, edge_iterator> edges_between(std::size_t begin, std::size_t end) const {
    const auto at = [&](std::size_t index) {
      return edge_iterator(
          boost::counting_iterator<std::uint32_t>(static_cast<std::uint32_t>(index)), edge_at());
    };
    return {at(begin), at(end)};
  }
  std::pair<out_edge_iterator, out_edge_iterator> edges_from(NodeId id) const {
    return readings_as<out_edge_iterator>(id, edge_at());
  }
  std::pair<adjacency_iterator, adjacency_iterator> readers_of(NodeId id) const {
    return readings_as<adjacency_iterator>(id, TargetAt{targets_.data()});
  }

 private:
  EdgeAt edge_at() const { return {&tape_->structure(), targets_.data()}; }
  template <class Iterator, class Function>
  std::pair<Iterator, Iterator> readings_as(NodeId id, const Function& function) const {
    const auto readings = readings_of(id);
    return {Iterator(readings.data(), function),
            Iterator(readings.data() + readings.size(), function)};
  }

  const Tape* tape_;
  std::vector<NodeId> targets_;          // by edge
  std::vector<std::uint32_t> readings_;  // edges, sorted by source
  std::vector<std::uint32_t> first_;     // by node, into readings_, and the end
};

inline TapeGraph::TapeGraph(const Tape& tape)
    : tape_(&tape),
      targets_(tape.structure().inputs.size()),
      readings_(targets_.size()),
      first_(std::size_t{tape.structure().count()} + 1, 0) {
  const Structure& structure = tape.structure();
  std::uint32_t edge = 0;
  for (NodeId id = 0; id < structure.count(); ++id) {
    for (const NodeId input : structure.inputs_of(id)) {
      targets_[edge++] = id;
      ++first_[input];
    }
  }
  // From counts to ends, then each edge, the last one first, moves its source's end towards its
  // begin.
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  while (edge-- > 0) readings_[--first_[structure.inputs[edge]]] = edge;
}

inline std::size_t num_vertices(const TapeGraph& graph) { return graph.node_count(); }
inline std::size_t num_edges(const TapeGraph& graph) { return graph.edge_count(); }
inline std::pair<TapeGraph::vertex_iterator, TapeGraph::vertex_iterator> vertices(
    const TapeGraph& graph) {
  return {TapeGraph::vertex_iterator(0),
          TapeGraph::vertex_iterator(static_cast<NodeId>(graph.node_count()))};
}
inline std::pair<TapeGraph::edge_iterator, TapeGraph::edge_iterator> edges(const TapeGraph& graph) {
  return graph.edges_between(0, graph.edge_count());
}

inline NodeId source(const Edge& edge, const TapeGraph&) { return edge.source; }
inline NodeId target(const Edge& edge, const TapeGraph&) { return edge.target; }

// The edges to a node, in the order of its inputs.
inline std::pair<TapeGraph::in_edge_iterator, TapeGraph::in_edge_iterator> in_edges(
    NodeId id, const TapeGraph& graph) {
  const Node& node = graph.node(id);
  return node.is_leaf() ? graph.edges_between(0, 0)
                        : graph.edges_between(node.first_input,
                                              std::size_t{node.first_input} + node.input_count);
}
// The edges from a node, in the order of the tape.
inline std::pair<TapeGraph::out_edge_iterator, TapeGraph::out_edge_iterator> out_edges(
    NodeId id, const TapeGraph& graph) {
  return graph.edges_from(id);
}
// The nodes that read a node, one more than once if it reads it more than once.
inline std::pair<TapeGraph::adjacency_iterator, TapeGraph::adjacency_iterator> adjacent_vertices(
    NodeId id, const TapeGraph& graph) {
  return graph.readers_of(id);
}
inline std::size_t in_degree(NodeId id, const TapeGraph& graph) {
  return graph.node(id).is_leaf() ? 0 : graph.node(id).input_count;
}
inline std::size_t out_degree(NodeId id, const TapeGraph& graph) {
  return graph.readings_of(id).size();
}
inline std::size_t degree(NodeId id, const TapeGraph& graph) {
  return in_degree(id, graph) + out_degree(id, graph);
}

// Property maps.
struct EdgeIndexMap {
  using key_type = Edge;
  using value_type = std::uint32_t;
  using reference = std::uint32_t;
  using category = boost::readable_property_map_tag;
};
inline std::uint32_t get(const EdgeIndexMap&, const Edge& edge) { return edge.index; }

inline boost::typed_identity_property_map<NodeId> get(boost::vertex_index_t, const TapeGraph&) {
  return {};
}
inline NodeId get(boost::vertex_index_t, const TapeGraph&, NodeId id) { return id; }
inline EdgeIndexMap get(boost::edge_index_t, const TapeGraph&) { return {}; }
inline std::uint32_t get(boost::edge_index_t, const TapeGraph&, const Edge& edge) {
  return edge.index;
}

}  // namespace tapegrad

namespace boost {

template <>
struct property_map<tapegrad::TapeGraph, vertex_index_t> {
  using type = typed_identity_property_map<tapegrad::NodeId>;
  using const_type = type;
};
template <>
struct property_map<tapegrad::TapeGraph, edge_index_t> {
  using type = tapegrad::EdgeIndexMap;
  using const_type = type;
};

}  // namespace boost
