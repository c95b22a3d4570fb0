#include <tapegrad/graph/graphviz.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/graph/runner.h>

namespace tapegrad {
namespace {

// What a node's runs took.
struct Time {
  double seconds = 0.0;
  std::uint32_t together = 0;  // the most nodes that ran at once; 0: none ran
  // An instruction counts once, also if it computes two gradients of one node.
  const TimedInstruction* last = nullptr;

  void add(const TimedInstruction& timed) {
    if (last != &timed) seconds += timed.end - timed.begin;
    last = &timed;
    together = std::max(together, timed.label->count);
  }
};
struct NodeTime {
  Time own, gradient;
};

// For a label in double quotes, where Graphviz reads backslashes and, as in HTML, ampersands.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '&':
        result += "&amp;";
        break;
      case '\n':
        result += "\\n";
        break;
      default:
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

std::vector<bool> nodes_to_draw(const Tape& tape, const std::vector<Tensor>& outputs) {
  const Structure& structure = tape.structure();
  std::vector<bool> drawn(structure.count(), outputs.empty());
  for (const Tensor& output : outputs) {
    tape.check(output, "write_graphviz");
    drawn[output.node()] = true;
  }
  for (NodeId id = structure.count(); !outputs.empty() && id-- > 0;) {
    if (!drawn[id]) continue;
    for (const NodeId input : structure.inputs_of(id)) drawn[input] = true;
  }
  return drawn;
}

std::vector<NodeTime> times_of(Tape& tape) {
  std::vector<NodeTime> times(tape.structure().count());
  for (const TimedInstruction& timed : tape.runner().recording_times()) {
    for (const LabelledNode& labelled : timed.label->nodes) {
      const bool own = labelled.node != no_node;
      const NodeId at = own ? labelled.node : labelled.gradient_of;
      if (at < times.size()) (own ? times[at].own : times[at].gradient).add(timed);
    }
  }
  return times;
}

std::string time_line(std::string_view what, const Time& time) {
  if (time.together == 0) return "";
  const std::string text = fmt::format("\\n{}{:.1f} µs", what, time.seconds * 1e6);
  return time.together > 1 ? fmt::format("{} for {} nodes", text, time.together) : text;
}

double number(const Tape& tape, const Leaf& leaf) {
  const std::byte* bytes = tape.leaves().data(leaf);
  switch (tape.type_of(leaf.node).dtype) {
    case Dtype::float32:
      return *reinterpret_cast<const float*>(bytes);
    case Dtype::float64:
      return *reinterpret_cast<const double*>(bytes);
    case Dtype::int32:
      return *reinterpret_cast<const std::int32_t*>(bytes);
    case Dtype::int64:
      return static_cast<double>(*reinterpret_cast<const std::int64_t*>(bytes));
  }
  return 0.0;
}

// The attributes of a leaf, its label's first line with them.
std::string leaf_attributes(const Tape& tape, NodeId id, std::string_view type) {
  const Leaf& leaf = tape.leaves()[tape.structure().nodes[id].first_input];
  if (leaf.parameter != nullptr) {
    return fmt::format("shape=box, style=filled, fillcolor=\"#cfe8cf\", label=\"{}\\n{}",
                       escaped(leaf.parameter->name()), type);
  }
  if (tape.type_of(id).shape.size() == 1) {
    return fmt::format("shape=plaintext, label=\"{:.6g}\\n{}", number(tape, leaf), type);
  }
  return fmt::format("shape=ellipse, style=filled, fillcolor=\"#d6e4f5\", label=\"{}\\n{}",
                     escaped(tape.structure().nodes[id].operation->name), type);
}

std::string node_attributes(const Tape& tape, NodeId id, std::string_view type) {
  const std::string path = tape.path_of(id);
  const bool gradient = tape.gradient_of(id) != no_node;
  return fmt::format("shape=box, style=\"rounded{}\", label=\"{}{}{}\\n{}",
                     gradient ? ",dashed" : "", escaped(tape.structure().nodes[id].operation->name),
                     path.empty() ? "" : "\\n", escaped(path), type);
}

}  // namespace

void write_graphviz(std::ostream& out, Tape& tape, const GraphvizOptions& options) {
  const Structure& structure = tape.structure();
  const std::vector<bool> drawn = nodes_to_draw(tape, options.outputs);
  const std::vector<NodeTime> times =
      options.times ? times_of(tape) : std::vector<NodeTime>(structure.count());
  out << "digraph tape {\n  node [fontname=\"Helvetica\", fontsize=10];\n";
  for (NodeId id = 0; id < structure.count(); ++id) {
    if (!drawn[id]) continue;
    const Node& node = structure.nodes[id];
    const std::string type =
        fmt::format("{} {}", name_of(tape.type_of(id).dtype), tape.type_of(id).shape.to_string());
    std::string text = fmt::format(
        "  n{} [{}", id,
        node.is_leaf() ? leaf_attributes(tape, id, type) : node_attributes(tape, id, type));
    if (options.lines)
      text += fmt::format("\\n{}:{}", escaped(tape.line_of(id).file), tape.line_of(id).line);
    out << text << time_line("", times[id].own) << time_line("gradient ", times[id].gradient)
        << "\"];\n";
    for (const NodeId input : structure.inputs_of(node))
      out << fmt::format("  n{} -> n{};\n", input, id);
  }
  out << "}\n";
}

}  // namespace tapegrad
