#include <tapegrad/apps/models/history_mlp.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {
namespace {

// What a person's items count: their weights scaled to a norm of 1.
std::vector<float> input_values(const Person& person) {
  std::vector<float> values(person.items.size(), 0.0F);
  double squares = 0.0;
  const auto weight = [&](std::size_t at) {
    return person.weights.empty() ? 1.0 : static_cast<double>(person.weights[at]);
  };
  for (std::size_t at = 0; at < person.items.size(); ++at) squares += weight(at) * weight(at);
  const double norm = std::sqrt(squares);
  if (!(norm > 0.0)) return values;
  for (std::size_t at = 0; at < values.size(); ++at)
    values[at] = static_cast<float>(weight(at) / norm);
  return values;
}

void write_row(const Person& person, std::span<float> row) {
  const std::vector<float> values = input_values(person);
  for (std::size_t at = 0; at < values.size(); ++at)
    row[static_cast<std::size_t>(person.items[at])] = values[at];
}

// Inputs have a norm of 1, however many items there are, and so the first weights do not shrink
// with their number.
nn::LinearOptions input_layer(bool bias) {
  return {.bias = bias, .weight = nn::normal(0.0, 0.1), .bias_values = nn::zeros()};
}

// Scores by the last hidden layer, which is computed for one person at a time, so that its bits do
// not depend on the others.
class HistoryRecommender : public Recommender {
 public:
  HistoryRecommender(const HistoryMlp& model, DotScores scores)
      : model_(model), scores_(std::move(scores)) {}

  void score(std::int32_t user, std::span<const std::int32_t> items,
             std::span<float> scores) const override {
    scores_.score(hidden(model_.inputs_of(user)), items, scores);
  }
  void score_users(std::span<const std::int32_t> users, std::span<float> scores) const override {
    std::vector<float> vectors;
    for (const std::int32_t user : users) {
      const auto own = hidden(model_.inputs_of(user));
      vectors.insert(vectors.end(), own.begin(), own.end());
    }
    scores_.score_all(vectors, scores);
  }
  bool score_person(const Person& person, std::span<float> scores) const override {
    if (person.items.empty()) return false;
    scores_.score(hidden({{person.items, {}}, person}), {}, scores);
    return true;
  }

 private:
  std::vector<float> hidden(const HistoryMlp::Inputs& person) const {
    TapePool::Borrowed tape(tapes_);
    const auto values = model_.hidden(*tape, {&person, 1}).values<float>();
    return {values.begin(), values.end()};
  }

  const HistoryMlp& model_;
  DotScores scores_;
  mutable TapePool tapes_;
};

}  // namespace

HistoryMlp::HistoryMlp(const Scope& scope, const ModelInputs& inputs,
                       const HistoryMlpOptions& options)
    : pairs_(inputs.pairs),
      targets_(inputs.targets),
      options_(options),
      purchases_(scope / "purchases", inputs.items(), options.hidden.front(), input_layer(true)),
      output_(scope / "output", options.hidden.back(), inputs.items(),
              {.weight = nn::normal(0.0, 0.1), .bias_values = nn::zeros()}) {
  if (pairs_ != targets_ || pairs_->has_weights())
    behaviour_.emplace(scope / "behaviour", inputs.items(), options.hidden.front(),
                       input_layer(false));
  for (std::size_t layer = 1; layer < options.hidden.size(); ++layer)
    layers_.emplace_back(
        scope / "layers" / std::to_string(layer), options.hidden[layer - 1], options.hidden[layer],
        nn::LinearOptions{.weight = nn::xavier_uniform(), .bias_values = nn::zeros()});
}

HistoryMlp::Inputs HistoryMlp::inputs_of(std::int32_t user) const {
  return {{targets_->of(user), {}}, {pairs_->of(user), pairs_->weights_of(user)}};
}

Tensor HistoryMlp::hidden(Tape& tape, std::span<const Inputs> people) const {
  const Index items = targets_->item_count();
  const auto input = [&](Person Inputs::*part) {
    Array rows({static_cast<Index>(people.size()), items});
    for (std::size_t i = 0; i < people.size(); ++i)
      write_row(people[i].*part, rows.values<float>().subspan(i * static_cast<std::size_t>(items),
                                                              static_cast<std::size_t>(items)));
    return dropout(tape.input(rows), options_.input_dropout);
  };
  return hidden(input(&Inputs::purchases), behaviour_ ? input(&Inputs::behaviour) : Tensor());
}

Tensor HistoryMlp::hidden(const Tensor& purchases, const Tensor& behaviour) const {
  Tensor sum = purchases_(purchases);
  if (behaviour_) sum = sum + (*behaviour_)(behaviour);
  Tensor layer = relu(sum);
  for (const nn::Linear& next : layers_) layer = relu(next(dropout(layer, options_.dropout)));
  return dropout(layer, options_.dropout);
}

InteractionModel::Vectors HistoryMlp::vectors(Tape& tape, std::span<const std::int32_t> users,
                                              std::span<const std::int32_t> items) const {
  std::vector<Inputs> people;
  for (const std::int32_t user : users) people.push_back(inputs_of(user));
  Vectors own{.users = hidden(tape, people),
              .items = tape(output_.weight()),
              .biases = tape(*output_.bias())};
  if (items.empty()) return own;
  const Tensor ids = tape.ids(items);
  own.items = gather_rows(own.items, ids);
  own.biases = reshape(gather_rows(reshape(own.biases, {-1, 1}), ids), {-1});
  return own;
}

Tensor HistoryMlp::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Vectors own = vectors(tape, users, {});
  return matmul(own.users, own.items, {.right = true}) + reshape(own.biases, {1, -1});
}

std::vector<InputPart> HistoryMlp::input_parts(const Subject& subject, std::int32_t item) const {
  const Inputs inputs = subject.user < 0 ? Inputs{{subject.history.items, {}}, subject.history}
                                         : inputs_of(subject.user);
  std::vector<InputPart> parts;
  const auto add = [&](InputKind kind, const Person& person) {
    const std::vector<float> values = input_values(person);
    for (std::size_t at = 0; at < values.size(); ++at)
      parts.push_back({kind, person.items[at], values[at]});
  };
  add(InputKind::history, inputs.purchases);
  if (behaviour_) add(InputKind::behaviour, inputs.behaviour);
  parts.push_back({InputKind::item_bias, item});
  return parts;
}

// The scale of a row stays that of the whole history, whatever the strengths are.
Tensor HistoryMlp::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  const Index items = targets_->item_count();
  const auto row = [&](InputKind kind) {
    const WeightedParts::Some some = parts.of(tape, kind);
    if (some.numbers.empty()) return tape.input(Array({1, items}));
    return reshape(scatter_add_rows(tape.ids(some.numbers), some.weights, items), {1, -1});
  };
  const Tensor user =
      hidden(row(InputKind::history), behaviour_ ? row(InputKind::behaviour) : Tensor());
  const WeightedParts::Some bias = parts.of(tape, InputKind::item_bias);
  const Tensor item = tape.ids(bias.numbers);
  return dot(user, gather_rows(tape(output_.weight()), item)) +
         reshape(gather_rows(reshape(tape(*output_.bias()), {-1, 1}), item) * bias.weights, {-1});
}

Tensor HistoryMlp::logits(Tape& tape, std::span<const std::int32_t> users,
                          std::span<const std::int32_t> items) const {
  const Vectors own = vectors(tape, users, items);
  return dot(own.users, own.items) + own.biases;
}

std::unique_ptr<const Recommender> HistoryMlp::recommender(Index) const {
  return std::make_unique<HistoryRecommender>(
      *this, DotScores(output_.weight().value().values<float>(),
                       output_.bias()->value().values<float>(), options_.hidden.back()));
}

ModelRow history_mlp_row() {
  return {
      .name = "history-mlp",
      .summary = "a multi-layer perceptron on what a user has, which needs no user id",
      .options =
          {{&model_options::hidden, "64-32", {}, {"64-32", "128-64", "200", "200-200", "600"}},
           {&model_options::dropout, "0", {}, {"0", "0.1", "0.3", "0.5"}},
           {&model_options::input_dropout, "0.5", {}, {"0.3", "0.5", "0.7"}},
           {&model_options::loss, "auto"},
           {&model_options::batch, "auto"},
           {&model_options::negatives, "auto"}},
      .make = [](const ModelSettings& settings, const Scope& scope,
                 const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
        return std::make_unique<HistoryMlp>(
            scope, inputs,
            HistoryMlpOptions{.hidden = settings.widths(model_options::hidden),
                              .dropout = settings.number(model_options::dropout),
                              .input_dropout = settings.has(model_options::input_dropout)
                                                   ? settings.number(model_options::input_dropout)
                                                   : 0.0});
      },
      .predicts_targets = true,
      .numbers =
          [](const ModelSettings& settings, const ModelShape& shape) {
            const std::vector<Index> widths = settings.widths(model_options::hidden);
            const auto first = static_cast<double>(widths.front());
            const auto last = static_cast<double>(widths.back());
            return static_cast<double>(shape.items) *
                   ((shape.has_weights ? 2.0 : 1.0) * first + last + 1.0);
          },
      .loop = {.max_epochs = 200,
               .patience = 10,
               .learning_rate = 0.001,
               .weight_decay = 0.01,
               .average_decay = 0.99},
      .tuned_loop = {{"learning-rate", {"0.0003", "0.001", "0.002", "0.004"}},
                     {"weight-decay", {"0", "0.01", "0.03", "0.1", "0.3"}}}};
}

}  // namespace tapegrad::apps
