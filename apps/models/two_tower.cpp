#include <tapegrad/apps/models/two_tower.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <tapegrad/apps/evaluation/dot_scores.h>
#include <tapegrad/apps/models/stored_vectors.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {
namespace {

// So many items of a history are looked at: evenly spread ones of a longer history.
constexpr std::size_t longest_history = 32;

nn::MlpOptions tower_options() {
  return {.linear = {.weight = nn::xavier_uniform(), .bias_values = nn::zeros()}};
}

// How many items of a history are looked at, and which one is number `i` of these.
std::size_t count_looked_at(const Person& person) {
  return std::min(person.items.size(), longest_history);
}
std::int32_t looked_at(const Person& person, std::size_t i) {
  return person.items[i * person.items.size() / count_looked_at(person)];
}

class TwoTowerRecommender : public DotRecommender {
 public:
  TwoTowerRecommender(const TwoTower& model, const StoredVectors& users, DotScores scores)
      : DotRecommender(
            users.values(), std::move(scores),
            [&model, tapes = std::make_shared<TapePool>()](const Person& person,
                                                           std::span<float> vector) {
              if (person.items.empty()) return false;
              TapePool::Borrowed tape(*tapes);
              const auto own = model.of_histories(*tape, {&person, 1}).values<float>();
              std::ranges::copy(own, vector.begin());
              return true;
            },
            std::make_shared<const StoredVectors>(users)) {}
};

}  // namespace

TwoTower::TwoTower(const Scope& scope, const ModelInputs& inputs, const TwoTowerOptions& options)
    : options_(options),
      pairs_(inputs.pairs),
      user_has_event_(users_with_items(*inputs.pairs)),
      item_has_event_(items_with_users(*inputs.pairs)),
      users_(scope / "users", user_has_event_, options.factors, 0.1, inputs.user_features),
      items_(scope / "items", item_has_event_, options.factors, 0.1, inputs.item_features),
      history_(scope / "history", inputs.items(), options.factors,
               {.weight = nn::normal(0.0, 0.1)}),
      biases_(scope / "biases", inputs.items(), 1, {.weight = nn::zeros()}),
      user_tower_(scope / "user_tower", {options.factors, 2 * options.factors, options.factors},
                  tower_options()),
      item_tower_(scope / "item_tower", {options.factors, 2 * options.factors, options.factors},
                  tower_options()) {}

Tensor TwoTower::hidden_ids(Tape& tape, const FeaturedEmbedding& table,
                            std::span<const std::int32_t> entities,
                            const std::vector<bool>& has_event) const {
  const auto count = static_cast<Index>(entities.size());
  std::vector<float> shown;
  for (const std::int32_t entity : entities)
    shown.push_back(has_event[static_cast<std::size_t>(entity)] ? 1.0F : 0.0F);
  const Tensor mask = tape.input(shown, {count, 1});
  if (!table.has_features()) return table.of_ids(tape, entities) * mask;
  // Dropout scales up what it leaves: without that the vector would be another one when it is used.
  const Tensor ids = table.of_ids(tape, entities) * dropout(mask, options_.id_dropout);
  return ids + table.of_features(tape, entities);
}

Tensor TwoTower::history(Tape& tape, std::span<const Person> people) const {
  std::vector<std::int32_t> items;
  std::vector<float> shares;
  for (const Person& person : people) {
    const std::size_t count = count_looked_at(person);
    for (std::size_t i = 0; i < longest_history; ++i) {
      items.push_back(i < count ? looked_at(person, i) : 0);
      shares.push_back(i < count ? 1.0F / static_cast<float>(count) : 0.0F);
    }
  }
  const auto count = static_cast<Index>(people.size());
  constexpr auto length = static_cast<Index>(longest_history);
  const Tensor rows = reshape(history_(tape, items), {count, length, options_.factors});
  return sum(rows * dropout(tape.input(shares, {count, length, 1}), options_.id_dropout), {1});
}

Tensor TwoTower::user_vectors(Tape& tape, std::span<const std::int32_t> users) const {
  std::vector<Person> people;
  for (const std::int32_t user : users)
    people.push_back({pairs_->of(user), pairs_->weights_of(user)});
  const Tensor x = hidden_ids(tape, users_, users, user_has_event_) + history(tape, people);
  return dropout(x + user_tower_(x), options_.dropout);
}

Tensor TwoTower::item_vectors(Tape& tape, std::span<const std::int32_t> items) const {
  const Tensor x = hidden_ids(tape, items_, items, item_has_event_);
  return x + item_tower_(x);
}

Tensor TwoTower::item_biases(Tape& tape, std::span<const std::int32_t> items) const {
  std::vector<float> shown;
  for (const std::int32_t item : items)
    shown.push_back(item_has_event_[static_cast<std::size_t>(item)] ? 1.0F : 0.0F);
  return reshape(biases_(tape, items), {-1}) *
         tape.input(shown, {static_cast<Index>(items.size())});
}

Tensor TwoTower::of_histories(Tape& tape, std::span<const Person> people) const {
  const Tensor x = history(tape, people);
  return x + user_tower_(x);
}

InteractionModel::Vectors TwoTower::vectors(Tape& tape, std::span<const std::int32_t> users,
                                            std::span<const std::int32_t> given) const {
  std::vector<std::int32_t> all;
  if (given.empty()) {
    all.resize(item_has_event_.size());
    std::iota(all.begin(), all.end(), 0);
  }
  const auto items = given.empty() ? std::span<const std::int32_t>(all) : given;
  return {.users = user_vectors(tape, users),
          .items = item_vectors(tape, items),
          .biases = item_biases(tape, items)};
}

std::vector<InputPart> TwoTower::input_parts(const Subject& subject, std::int32_t item) const {
  std::vector<InputPart> parts;
  if (subject.user >= 0)
    users_.append_parts(parts, InputKind::user, InputKind::user_feature, subject.user);
  items_.append_parts(parts, InputKind::item, InputKind::item_feature, item);
  // Nothing is learnt of the own vectors of those without events.
  std::erase_if(parts, [&](const InputPart& part) {
    const auto number = static_cast<std::size_t>(part.number);
    return (part.kind == InputKind::user && !user_has_event_[number]) ||
           (part.kind == InputKind::item && !item_has_event_[number]);
  });
  const std::size_t count = count_looked_at(subject.history);
  for (std::size_t i = 0; i < count; ++i)
    parts.push_back(
        {InputKind::history, looked_at(subject.history, i), 1.0F / static_cast<float>(count)});
  if (item_has_event_[static_cast<std::size_t>(item)])
    parts.push_back({InputKind::item_bias, item});
  return parts;
}

Tensor TwoTower::logit_of_parts(Tape& tape, const WeightedParts& parts) const {
  const Tensor user = users_.of_parts(tape, parts, InputKind::user, InputKind::user_feature) +
                      parts.sum(tape, InputKind::history, history_.weight());
  const Tensor item = items_.of_parts(tape, parts, InputKind::item, InputKind::item_feature);
  return dot(user + user_tower_(user), item + item_tower_(item)) +
         reshape(parts.sum(tape, InputKind::item_bias, biases_.weight()), {-1});
}

Tensor TwoTower::logits(Tape& tape, std::span<const std::int32_t> users,
                        std::span<const std::int32_t> items) const {
  const Vectors own = vectors(tape, users, items);
  return dot(own.users, own.items) + own.biases;
}

Tensor TwoTower::all_logits(Tape& tape, std::span<const std::int32_t> users) const {
  const Vectors own = vectors(tape, users, {});
  return matmul(own.users, own.items, {.right = true}) + reshape(own.biases, {1, -1});
}

std::unique_ptr<const Recommender> TwoTower::recommender(Index items) const {
  const auto width = options_.factors;
  const StoredVectors users(
      static_cast<Index>(user_has_event_.size()), width,
      [&](Tape& tape, std::span<const std::int32_t> some) { return user_vectors(tape, some); });
  const StoredVectors item_side(items, width, [&](Tape& tape, std::span<const std::int32_t> some) {
    return item_vectors(tape, some);
  });
  const StoredVectors biases(items, 1, [&](Tape& tape, std::span<const std::int32_t> some) {
    return item_biases(tape, some);
  });
  return std::make_unique<TwoTowerRecommender>(
      *this, users, DotScores(item_side.values(), biases.values(), width));
}

ModelRow two_tower_row() {
  return {.name = "two-tower",
          .summary = "a tower for users and one for items, which score new ones by their features",
          .options = {{&model_options::factors, "64", {}, {"32", "64", "128"}},
                      {&model_options::dropout, "0.1", {}, {"0", "0.1", "0.3", "0.5"}},
                      {&model_options::id_dropout, "0.5", {}, {"0.1", "0.3", "0.5", "0.7"}},
                      {&model_options::loss, "sampled-softmax"},
                      {&model_options::batch, "auto"},
                      {&model_options::negatives, "auto"}},
          .make = [](const ModelSettings& settings, const Scope& scope,
                     const ModelInputs& inputs) -> std::unique_ptr<InteractionModel> {
            return std::make_unique<TwoTower>(
                scope, inputs,
                TwoTowerOptions{.factors = settings.whole(model_options::factors),
                                .dropout = settings.number(model_options::dropout),
                                .id_dropout = settings.number(model_options::id_dropout)});
          },
          .features = FeatureUse::always,
          .numbers =
              [](const ModelSettings& settings, const ModelShape& shape) {
                const double width = static_cast<double>(settings.whole(model_options::factors));
                return vectors_of_all(shape, width) +
                       (width + 1.0) * static_cast<double>(shape.items);
              },
          .loop = {.max_epochs = 60,
                   .patience = 6,
                   .learning_rate = 0.002,
                   .weight_decay = 0.05,
                   .average_decay = 0.99},
          .tuned_loop = {{"learning-rate", {"0.0005", "0.001", "0.002", "0.004"}},
                         {"weight-decay", {"0.01", "0.05", "0.2", "0.5"}}}};
}

}  // namespace tapegrad::apps
