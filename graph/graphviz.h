// Pictures of tapes, for Graphviz: `dot -Tsvg tape.dot -o tape.svg`.
#pragma once

#include <iosfwd>
#include <vector>

#include <tapegrad/graph/tape.h>

namespace tapegrad {

struct GraphvizOptions {
  std::vector<Tensor> outputs = {};  // draw only what these need; none: the whole tape
  bool lines = false;                // the program's line of each node
  bool times = true;                 // if the tape was made with TapeOptions::profile
};

// Writes the tape's nodes, an edge from each input to the node that reads it. A node tells its
// operation, layer, element type and shape; parameters, inputs and numbers of one element look
// different, parameters tell their names, numbers their values. Times are of the runs since the
// tape was cleared, in microseconds, and say how many nodes shared the time if several ran
// together. The time of a gradient whose nodes backward() took back stands at the node that it is
// the gradient of. Throws TapeError for an output of another tape or recording.
void write_graphviz(std::ostream& out, Tape& tape, const GraphvizOptions& options = {});

}  // namespace tapegrad
