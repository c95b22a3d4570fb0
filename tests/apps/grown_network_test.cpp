// Networks that users and items are added to.
#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <vector>

#include <tapegrad/apps/models/grown_network.h>
#include <tapegrad/apps/models/registry.h>

#include "small_models.h"

using namespace tapegrad::apps;
using tapegrad::Index;

namespace {

std::shared_ptr<const UserItems> random_pairs(Index users, Index items, std::mt19937& random) {
  std::vector<std::int32_t> rows, columns;
  for (Index user = 0; user < users; ++user) {
    for (int k = 0; k < 4; ++k) {
      rows.push_back(static_cast<std::int32_t>(user));
      columns.push_back(static_cast<std::int32_t>(random() % static_cast<unsigned>(items)));
    }
  }
  return std::make_shared<const UserItems>(users, items, rows, columns);
}

}  // namespace

TEST_CASE("a new user of mf begins where somebody with the same known items is folded in") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const ModelRow& row = model_row("mf");
  const ModelSettings settings = small_settings(row);
  constexpr Index known_users = 12, users = 15, known_items = 9, items = 11;
  const auto known = random_pairs(known_users, known_items, random);
  const auto all = random_pairs(users, items, random);
  const auto old = small_model(row, settings, {.pairs = known, .targets = known, .seed = 3});
  const auto grown = small_model(row, settings, {.pairs = all, .targets = all, .seed = 4});
  auto& network = dynamic_cast<NeuralModel&>(*grown);
  copy_common(dynamic_cast<const NeuralModel&>(*old).parameters(), network.parameters());
  network.model().begin_new_users(network.parameters(), known);
  const auto folding = old->recommender(), beginning = network.recommender();
  for (Index user = 0; user < users; ++user) {
    std::vector<float> expected(known_items), scores(items);
    beginning->score(static_cast<std::int32_t>(user), {}, scores);
    std::vector<std::int32_t> history;
    for (const std::int32_t item : all->of(user)) {
      if (item < known_items) history.push_back(item);
    }
    if (user < known_users)
      folding->score(static_cast<std::int32_t>(user), {}, expected);
    else if (!folding->score_person({history, {}}, expected))
      continue;
    for (std::size_t item = 0; item < expected.size(); ++item)
      CHECK(static_cast<double>(scores[item]) ==
            doctest::Approx(static_cast<double>(expected[item])).epsilon(1e-4));
  }
}
