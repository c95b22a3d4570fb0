#include <tapegrad/apps/models/sequence_model.h>

#include <algorithm>
#include <cmath>

#include <tapegrad/apps/models/softmax_head.h>

namespace tapegrad::apps {
namespace {

constexpr Index nothing = -100;  // in place of a next item

}  // namespace

SequenceModel::SequenceModel(const Scope& scope, const SequenceInputs& inputs,
                             const SequenceModelOptions& options)
    : items_(scope / "items", inputs.items, options.width,
             {.weight = nn::normal(0.0, 1.0 / std::sqrt(static_cast<double>(options.width)))}),
      biases_(&(scope / "items").parameter("bias", {inputs.items}, nn::zeros())),
      dropout_(options.dropout) {
  if (inputs.item_features)
    features_.emplace(scope / "features", inputs.item_features, options.width);
  // All but items begins without an effect.
  const nn::EmbeddingOptions none{.weight = nn::zeros()};
  if (inputs.types > 0) types_.emplace(scope / "types", inputs.types + 1, options.width, none);
  if (options.intervals)
    intervals_.emplace(scope / "intervals", EventInputs::intervals_in_all, options.width, none);
  if (options.revisits)
    revisits_.emplace(scope / "revisits", EventInputs::revisits_in_all, options.width, none);
}

Tensor SequenceModel::states(Tape& tape, std::span<const History> histories,
                             const Tensor& strengths) const {
  std::vector<History> parts(histories.begin(), histories.end());
  if (longest() > 0) {
    for (History& history : parts)
      history = history.last_at_most(static_cast<std::size_t>(longest()));
  }
  Tensor own = strengths;
  if (strengths)
    own = slice(strengths, 0, static_cast<Index>(histories[0].size() - parts[0].size()),
                static_cast<Index>(histories[0].size()));
  const Encoded encoded = encode(tape, parts, own);
  std::vector<Index> last;
  std::size_t end = 0;
  for (const History& history : parts) last.push_back(encoded.rows[(end += history.size()) - 1]);
  return gather_rows(encoded.states, tape.ids(last));
}

Tensor SequenceModel::embed(Tape& tape, const EventInputs& events, const Tensor& strengths) const {
  Tensor vectors = items_(tape, events.items);
  if (features_)
    vectors = vectors + (*features_)(tape, std::vector<std::int32_t>(events.items.begin(),
                                                                     events.items.end()));
  if (types_) vectors = vectors + (*types_)(tape, events.types);
  if (intervals_) vectors = vectors + (*intervals_)(tape, events.intervals);
  if (revisits_) vectors = vectors + (*revisits_)(tape, events.revisits);
  if (strengths) vectors = vectors * reshape(strengths, {-1, 1});
  return dropout(vectors, dropout_);
}

Tensor SequenceModel::logits(const Tensor& states) const {
  return softmax_head_logits(states, items_.weight(), *biases_);
}

Tensor SequenceModel::loss(const Tensor& states, const NextItems& next,
                           const NextItemLossOptions& options, std::span<const Index> negatives,
                           std::span<const double> log_q) const {
  Tape& tape = states.tape();
  const Parameter& table = items_.weight();
  if (options.loss == NextItemLoss::softmax && next.weights.empty())
    return softmax_head_loss(states, table, *biases_, next.items);
  const auto vector_of = [&](std::span<const double> values) {
    return tape.input(values, {static_cast<Index>(values.size())});
  };
  std::vector<Index> rows, targets, others;  // of what counts
  std::vector<double> weights;
  for (std::size_t i = 0; i < next.items.size(); ++i) {
    if (next.items[i] == nothing) continue;
    rows.push_back(static_cast<Index>(i));
    targets.push_back(next.items[i]);
    if (!next.weights.empty()) weights.push_back(next.weights[i]);
    if (options.loss == NextItemLoss::bce) others.push_back(negatives[i]);
  }
  if (rows.empty()) return sum(states) * 0.0;
  const bool all_count = rows.size() == next.items.size();
  if (options.loss == NextItemLoss::softmax || options.loss == NextItemLoss::sampled_softmax) {
    // All rows take part, those that do not count with weight 0: so the shapes, and with them the
    // plans, are the same from batch to batch.
    std::vector<Index> all(next.items.begin(), next.items.end());
    std::ranges::replace(all, nothing, Index{0});
    std::vector<double> of_rows(all.size(), 0.0);
    for (std::size_t i = 0; i < rows.size(); ++i)
      of_rows[static_cast<std::size_t>(rows[i])] = (weights.empty() ? 1.0 : weights[i]) *
                                                   static_cast<double>(all.size()) /
                                                   static_cast<double>(rows.size());
    const Tensor row_weights = all_count && weights.empty() ? Tensor() : vector_of(of_rows);
    if (options.loss == NextItemLoss::softmax)
      return softmax_head_loss(states, table, *biases_, all, row_weights);
    return nn::sampled_softmax(states, tape(table), tape(*biases_), all, negatives, log_q,
                               row_weights);
  }
  const Tensor counted = all_count ? states : gather_rows(states, tape.ids(rows));
  const auto weight_of_rows = [&] { return weights.empty() ? Tensor() : vector_of(weights); };
  const Tensor weight = tape(table), bias = reshape(tape(*biases_), {-1, 1});
  const auto own_scores = [&](std::span<const Index> items) {
    const Tensor ids = tape.ids(items);
    return dot(counted, gather_rows(weight, ids)) + reshape(gather_rows(bias, ids), {-1});
  };
  const Tensor positive = own_scores(targets);
  if (options.loss == NextItemLoss::bce)
    return nn::sampled_binary_cross_entropy(positive, reshape(own_scores(others), {-1, 1}),
                                            weight_of_rows());
  const Tensor ids = tape.ids(negatives);
  const Tensor scores = matmul(counted, gather_rows(weight, ids), {.right = true}) +
                        reshape(gather_rows(bias, ids), {-1});
  if (options.loss == NextItemLoss::bpr_max)
    return nn::bpr_max(positive, scores, options.regularisation, weight_of_rows());
  return nn::generalised_binary_cross_entropy(
      positive, scores, nn::sampled_hits(tape, targets, negatives),
      nn::gbce_beta(static_cast<Index>(negatives.size()), items(), options.calibration),
      weight_of_rows());
}

namespace {

// Whether one history is the beginning of the other, in the same session.
bool begins(const History& one, const History& other) {
  return one.items.data() == other.items.data() && one.size() <= other.size();
}

}  // namespace

void ModelPredictor::score(std::span<const History> histories, std::span<float> scores) const {
  // Beginnings of one session, as a test has them, are read once: all of their states are those of
  // the longest one.
  constexpr Index most_events = 4096;  // that one recording holds
  const auto readable =
      static_cast<std::size_t>(model_.longest() > 0 ? model_.longest() : most_events);
  const auto items = static_cast<std::size_t>(model_.items());
  for (std::size_t first = 0; first < histories.size();) {
    std::size_t end = first + 1;
    std::vector<History> longest{histories[first]};
    std::vector<std::size_t> of{0};  // of each history that begins one of these
    Index events = 0;
    while (end < histories.size() && histories[end].size() <= readable && events < most_events) {
      if (begins(longest.back(), histories[end])) {
        longest.back() = histories[end];
      } else {
        events += static_cast<Index>(longest.back().size());
        longest.push_back(histories[end]);
      }
      of.push_back(longest.size() - 1);
      ++end;
    }
    const auto own = histories.subspan(first, end - first);
    const auto to = scores.subspan(first * items, own.size() * items);
    if (histories[first].size() <= readable && longest.size() < own.size())
      score_beginnings(own, longest, of, to);
    else
      score_each(own, to);
    first = end;
  }
}

void ModelPredictor::score_each(std::span<const History> histories, std::span<float> scores) const {
  TapePool::Borrowed tape(tapes_);
  const Tensor all = model_.logits(model_.states_of_long(*tape, histories));
  std::ranges::copy(all.values<float>(), scores.begin());
}

void ModelPredictor::score_beginnings(std::span<const History> histories,
                                      std::span<const History> longest,
                                      std::span<const std::size_t> of,
                                      std::span<float> scores) const {
  TapePool::Borrowed tape(tapes_);
  const SequenceModel::Encoded encoded = model_.encode(*tape, longest);
  std::vector<std::size_t> starts{0};
  for (const History& history : longest) starts.push_back(starts.back() + history.size());
  std::vector<Index> rows;
  for (std::size_t i = 0; i < histories.size(); ++i)
    rows.push_back(encoded.rows[starts[of[i]] + histories[i].size() - 1]);
  const Tensor all = model_.logits(gather_rows(encoded.states, (*tape).ids(rows)));
  std::ranges::copy(all.values<float>(), scores.begin());
}

}  // namespace tapegrad::apps
