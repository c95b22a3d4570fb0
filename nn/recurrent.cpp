#include <tapegrad/nn/recurrent.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/scratch.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

[[noreturn]] void refuse(const Located& x, const std::string& expected) {
  throw ShapeError(fmt::format("{}; {}", expected, x.tensor.tape().place({&x.tensor, 1}, x.line)));
}

}  // namespace

GateProducts::GateProducts(const Scope& scope, Index in, Index hidden, Index gates, bool bias,
                           const std::string& suffix)
    : path_(scope.path()),
      input_weight_(
          &scope.parameter("weight_ih" + suffix, {gates * hidden, in}, uniform_by_fan(hidden))),
      hidden_weight_(&scope.parameter("weight_hh" + suffix, {gates * hidden, hidden},
                                      uniform_by_fan(hidden))) {
  if (!bias) return;
  input_bias_ = &scope.parameter("bias_ih" + suffix, {gates * hidden}, uniform_by_fan(hidden));
  hidden_bias_ = &scope.parameter("bias_hh" + suffix, {gates * hidden}, uniform_by_fan(hidden));
}

Tensor GateProducts::product(const Located& x, const Parameter& weight) const {
  Tape& tape = x.tensor.tape();
  return matmul(x, {tape(weight, x.line), x.line}, {.right = true});
}

Tensor GateProducts::of_input(const Located& x) const {
  const LayerScope scope(x.tensor.tape(), path_);
  const Tensor sums = product(x, *input_weight_);
  return input_bias_ == nullptr ? sums : sums + x.tensor.tape()(*input_bias_, x.line);
}

Tensor GateProducts::of_input_with_both_biases(const Located& x) const {
  const LayerScope scope(x.tensor.tape(), path_);
  Tape& tape = x.tensor.tape();
  const Tensor sums = product(x, *input_weight_);
  return input_bias_ == nullptr ? sums
                                : sums + (tape(*input_bias_, x.line) + tape(*hidden_bias_, x.line));
}

Tensor GateProducts::of_hidden(const Located& hidden) const {
  const LayerScope scope(hidden.tensor.tape(), path_);
  return product(hidden, *hidden_weight_);
}

Tensor GateProducts::of_hidden_with_bias(const Located& hidden) const {
  const LayerScope scope(hidden.tensor.tape(), path_);
  const Tensor sums = product(hidden, *hidden_weight_);
  return hidden_bias_ == nullptr ? sums : sums + hidden.tensor.tape()(*hidden_bias_, hidden.line);
}

Recurrent::Recurrent(const Scope& scope, Index in, Index hidden, Index gates, Index kept,
                     const RecurrentOptions& options)
    : path_(scope.path()), options_(options), in_(in), kept_(kept) {
  if (in < 1 || hidden < 1 || options.layers < 1 ||
      !(options.dropout >= 0.0 && options.dropout < 1.0)) {
    throw ValueError(fmt::format(
        "{}: widths and layers must be positive and dropout within [0, 1), got {}, {}, {} and {}",
        path_, in, hidden, options.layers, options.dropout));
  }
  const Index directions = options.bidirectional ? 2 : 1;
  for (Index layer = 0; layer < options.layers; ++layer) {
    for (Index direction = 0; direction < directions; ++direction) {
      const std::string suffix = fmt::format("_l{}{}", layer, direction == 1 ? "_reverse" : "");
      cells_.emplace_back(scope, layer == 0 ? in : directions * hidden, hidden, gates, options.bias,
                          suffix);
    }
  }
  for (Index i = 0; options.learned_state && i < kept; ++i)
    initial_.push_back(&scope.parameter(fmt::format("initial_{}", i),
                                        {options.layers * directions, hidden}, zeros()));
}

RecurrentState Recurrent::initial_state(Tape& tape, Index batch, SourceLine line) const {
  RecurrentState state(cells_.size());
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(kept_); ++i) {
      const Shape shape{batch, hidden()};
      if (initial_.empty()) {
        state[cell].push_back(tape.full(shape, 0.0, line));
      } else {
        const Located all(tape(*initial_[i], line), line);
        const auto row = static_cast<Index>(cell);
        state[cell].push_back(broadcast_to(slice(all, 0, row, row + 1), shape));
      }
    }
  }
  return state;
}

Tensor Recurrent::run(std::size_t cell, const Located& x, CellState& state, bool backwards) const {
  const Index time = x.shape()[0], batch = x.shape()[1];
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor all_steps = project(cells_[cell], x);
  const Tensor projected = reshape(at(all_steps), {time * batch, all_steps.shape()[2]});
  Scratch<Tensor> memory(time);
  const std::span<Tensor> outputs = memory.span();
  for (Index i = 0; i < time; ++i) {
    const Index t = backwards ? time - 1 - i : i;
    step(cells_[cell], slice(at(projected), 0, t * batch, (t + 1) * batch), state);
    outputs[static_cast<std::size_t>(t)] = state[0];
  }
  return reshape(at(concatenate(outputs, 0, x.line)), {time, batch, hidden()});
}

RecurrentResult Recurrent::operator()(const Located& x) const {
  if (x.shape().rank() != 3) return (*this)(x, RecurrentState{});
  return (*this)(x, initial_state(x.tensor.tape(), x.shape()[1], x.line));
}

RecurrentResult Recurrent::operator()(const Located& x, const RecurrentState& state) const {
  const Shape& shape = x.shape();
  const LayerScope scope(x.tensor.tape(), path_);
  if (shape.rank() != 3 || shape[0] < 1 || shape[2] != in_) {
    refuse(x,
           fmt::format("a recurrent layer takes [time, batch, {}] with a time of 1 or more, got {}",
                       in_, shape.to_string()));
  }
  check_state(state, shape[1], x);
  RecurrentResult result{.output = x.tensor, .state = state};
  const std::size_t directions = options_.bidirectional ? 2 : 1;
  for (std::size_t cell = 0; cell < cells_.size(); cell += directions) {
    const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
    const Tensor input = cell > 0 && options_.dropout > 0.0
                             ? dropout(at(result.output), options_.dropout)
                             : result.output;
    result.output = run(cell, at(input), result.state[cell], false);
    if (directions == 2)
      result.output = concatenate(
          {result.output, run(cell + 1, at(input), result.state[cell + 1], true)}, -1, x.line);
  }
  return result;
}

void Recurrent::check_state(const RecurrentState& state, Index batch, const Located& x) const {
  if (state.size() != cells_.size())
    refuse(x, fmt::format("the state must be of {} layers and directions, got {}", cells_.size(),
                          state.size()));
  const Shape wanted{batch, hidden()};
  for (const auto& kept : state) {
    if (static_cast<Index>(kept.size()) != kept_)
      refuse(x, fmt::format("a cell keeps {} tensors, got {}", kept_, kept.size()));
    for (const Tensor& tensor : kept) {
      if (tensor.shape() != wanted)
        refuse(x, fmt::format("a state must be {}, got {}", wanted.to_string(),
                              tensor.shape().to_string()));
    }
  }
}

// Steps are packed: all sequences that have a step t lie side by side. When some of them end, their
// state is put aside and the others' drawn together.
Tensor Recurrent::run(std::size_t cell, const Sequences& x, CellState& state, bool backwards,
                      SourceLine line) const {
  Tape& tape = x.values().tape();
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  std::vector<Index> running, packed;  // sequences at a step; rows of x, step by step
  std::vector<Index> place_of_row(static_cast<std::size_t>(x.total()));
  std::vector<Index> step_sizes;
  for (Index t = 0;; ++t) {
    const std::size_t first = packed.size();
    for (Index i = 0; i < x.count(); ++i) {
      if (x.length(i) <= t) continue;
      const Index row = backwards ? x.end(i) - 1 - t : x.begin(i) + t;
      place_of_row[static_cast<std::size_t>(row)] = static_cast<Index>(packed.size());
      packed.push_back(row);
    }
    if (packed.size() == first) break;
    step_sizes.push_back(static_cast<Index>(packed.size() - first));
  }
  const Tensor projected =
      project(cells_[cell], at(gather_rows(at(x.values()), tape.ids(packed, line))));

  for (Index i = 0; i < x.count(); ++i) running.push_back(i);
  std::vector<std::vector<Tensor>> ended(
      state.size());         // states of sequences that are over, piece by piece
  std::vector<Index> order;  // of the sequences in these pieces
  const auto keep = [&](Index t) {
    std::vector<Index> staying, leaving;  // places in running
    for (std::size_t i = 0; i < running.size(); ++i)
      (x.length(running[i]) > t ? staying : leaving).push_back(static_cast<Index>(i));
    if (leaving.empty()) return;
    for (const Index i : leaving) order.push_back(running[static_cast<std::size_t>(i)]);
    const Tensor left = tape.ids(leaving, line), stay = tape.ids(staying, line);
    for (std::size_t k = 0; k < state.size(); ++k) {
      ended[k].push_back(staying.empty() ? state[k] : gather_rows(at(state[k]), left));
      state[k] = gather_rows(at(state[k]), stay);
    }
    std::erase_if(running, [&](Index i) { return x.length(i) <= t; });
  };
  std::vector<Tensor> outputs;
  Index first = 0;
  for (std::size_t t = 0; t < step_sizes.size(); ++t) {
    keep(static_cast<Index>(t));
    step(cells_[cell], slice(at(projected), 0, first, first + step_sizes[t]), state);
    first += step_sizes[t];
    outputs.push_back(state[0]);
  }
  keep(static_cast<Index>(step_sizes.size()));
  std::vector<Index> place_of_sequence(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    place_of_sequence[static_cast<std::size_t>(order[i])] = static_cast<Index>(i);
  const Tensor places = tape.ids(place_of_sequence, line);
  for (std::size_t k = 0; k < state.size() && !ended[k].empty(); ++k)
    state[k] = gather_rows(at(concatenate(ended[k], 0, line)), places);
  if (outputs.empty()) return tape.full({0, hidden()}, 0.0, line);
  return gather_rows(at(concatenate(outputs, 0, line)), tape.ids(place_of_row, line));
}

RaggedResult Recurrent::operator()(const Sequences& x, SourceLine line) const {
  return (*this)(x, initial_state(x.values().tape(), x.count(), line), line);
}

RaggedResult Recurrent::operator()(const Sequences& x, const RecurrentState& state,
                                   SourceLine line) const {
  const LayerScope scope(x.values().tape(), path_);
  const auto at = [&](const Tensor& tensor) { return Located(tensor, line); };
  const Shape& shape = x.values().shape();
  if (shape.rank() != 2 || shape[1] != in_)
    refuse(at(x.values()), fmt::format("a recurrent layer takes sequences of [{}], got {}", in_,
                                       shape.to_string()));
  check_state(state, x.count(), at(x.values()));
  RaggedResult result{.output = x, .state = state};
  const std::size_t directions = options_.bidirectional ? 2 : 1;
  for (std::size_t cell = 0; cell < cells_.size(); cell += directions) {
    const bool dropped = cell > 0 && options_.dropout > 0.0;
    const Sequences input =
        dropped ? x.with(dropout(at(result.output.values()), options_.dropout)) : result.output;
    Tensor output = run(cell, input, result.state[cell], false, line);
    if (directions == 2)
      output =
          concatenate({output, run(cell + 1, input, result.state[cell + 1], true, line)}, -1, line);
    result.output = x.with(at(output));
  }
  return result;
}

}  // namespace tapegrad::nn
