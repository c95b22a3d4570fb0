// Baselines that look for the nearest sessions, against the same in a few lines.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <tapegrad/apps/baselines/stan.h>
#include <tapegrad/apps/baselines/vsknn.h>
#include <tapegrad/apps/training/open_options.h>
#include <tapegrad/graph/random.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

constexpr std::int32_t items = 12;

std::vector<std::int32_t> random_items(tapegrad::Random& random, Index most) {
  std::vector<std::int32_t> list(static_cast<std::size_t>(1 + random.below(most)));
  for (std::int32_t& item : list) item = static_cast<std::int32_t>(random.below(items));
  return list;
}

Sessions random_sessions(tapegrad::Random& random) {
  Sessions sessions;
  for (std::int32_t item = 0; item < items; ++item) sessions.items.insert(std::to_string(item));
  for (int s = 0; s < 25; ++s) {
    const std::vector<std::int32_t> events = random_items(random, 6);
    std::vector<double> times;
    for (std::size_t i = 0; i < events.size(); ++i)
      times.push_back(40000.0 * s + 10.0 * static_cast<double>(i));
    sessions.add(std::to_string(s), {.items = events, .times = times});
  }
  return sessions;
}

// The place after which an item does not come again, for each item of a list.
std::map<std::int32_t, std::size_t> last_places_of(const std::vector<std::int32_t>& list) {
  std::map<std::int32_t, std::size_t> places;
  for (std::size_t i = 0; i < list.size(); ++i) places[list[i]] = i;
  return places;
}

// The items of a list by their last places.
std::vector<std::int32_t> distinct(const std::vector<std::int32_t>& list) {
  std::vector<std::int32_t> items_of;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (last_places_of(list)[list[i]] == i) items_of.push_back(list[i]);
  }
  return items_of;
}

struct Found {
  int session = 0;
  std::vector<std::int32_t> events;
  double similarity = 0.0;
};

// The latest `sample` sessions with a common item, and of these the `count` most similar.
std::vector<Found> neighbours_of(const Sessions& sessions,
                                 const std::map<std::int32_t, double>& weights, std::size_t sample,
                                 std::size_t count, bool by_root) {
  std::vector<Found> found;
  for (int s = static_cast<int>(sessions.count()) - 1; s >= 0 && found.size() < sample; --s) {
    const auto own = sessions.of(s).items;
    Found one{s, {own.begin(), own.end()}, 0.0};
    const std::set<std::int32_t> theirs(own.begin(), own.end());
    bool common = false;
    for (const auto& [item, weight] : weights) {
      if (!theirs.contains(item)) continue;
      common = true;
      one.similarity += weight;
    }
    if (by_root) one.similarity /= std::sqrt(static_cast<double>(theirs.size()));
    if (common) found.push_back(one);
  }
  std::ranges::stable_sort(
      found, [](const Found& a, const Found& b) { return a.similarity > b.similarity; });
  found.resize(std::min(found.size(), count));
  return found;
}

void check_close(const std::vector<float>& scores, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(static_cast<double>(scores[i]) == doctest::Approx(expected[i]).epsilon(1e-5));
}

}  // namespace

TEST_CASE("vsknn is what its definition says") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    const Sessions sessions = random_sessions(random);
    const std::vector<std::int32_t> history = random_items(random, 6);
    const std::vector<std::int32_t> own = distinct(history);
    const auto count = static_cast<double>(own.size());
    std::map<std::int32_t, double> weights;
    for (std::size_t i = 0; i < own.size(); ++i)
      weights[own[i]] = (static_cast<double>(i) + 1.0) / count / count;
    std::vector<double> expected(items, 0.0);
    for (const Found& one : neighbours_of(sessions, weights, 10, 4, false)) {
      const std::set<std::int32_t> theirs(one.events.begin(), one.events.end());
      double step = 1.0;
      for (std::size_t i = own.size(); !theirs.contains(own[i - 1]); --i) step += 1.0;
      for (const std::int32_t item : theirs) {
        double with = 0.0;
        for (Index s = 0; s < sessions.count(); ++s) {
          const auto all = sessions.of(s).items;
          with += std::ranges::find(all, item) != all.end() ? 1.0 : 0.0;
        }
        expected[static_cast<std::size_t>(item)] +=
            one.similarity / (step * step) * (1.0 + 2.0 * std::log(25.0 / with));
      }
    }
    std::vector<float> scores(items);
    const History asked{history};
    Vsknn(sessions, {.neighbours = 4,
                     .sample = 10,
                     .position = Decay::linear,
                     .match = Decay::quadratic,
                     .idf = 2.0})
        .score({&asked, 1}, scores);
    check_close(scores, expected);
  }
}

TEST_CASE("stan is what its definition says") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    const Sessions sessions = random_sessions(random);
    const std::vector<std::int32_t> history = random_items(random, 6);
    const std::vector<std::int32_t> own = distinct(history);
    std::map<std::int32_t, double> weights;
    for (const auto& [item, place] : last_places_of(history))
      weights[item] = std::exp(-static_cast<double>(history.size() - 1 - place) / 1.5) /
                      std::sqrt(static_cast<double>(own.size()));
    std::vector<double> expected(items, 0.0);
    for (const Found& one : neighbours_of(sessions, weights, 10, 4, true)) {
      auto places = last_places_of(one.events);
      std::size_t i = own.size() - 1;
      while (!places.contains(own[i])) --i;
      const double common = static_cast<double>(places[own[i]]);
      const double age = (sessions.times.back() - sessions.of(one.session).times.back()) / 86400.0;
      for (const auto& [item, place] : places)
        expected[static_cast<std::size_t>(item)] +=
            one.similarity * std::exp(-age / 3.0) *
            std::exp(-std::abs(static_cast<double>(place) - common) / 2.0);
    }
    std::vector<float> scores(items);
    const History asked{history};
    Stan(sessions, {.neighbours = 4,
                    .sample = 10,
                    .position_scale = 1.5,
                    .recency_scale = 3.0,
                    .neighbour_scale = 2.0})
        .score({&asked, 1}, scores);
    check_close(scores, expected);
  }
}

TEST_CASE("open options are chosen one after another") {
  const SequenceRow row = vsknn_row();
  const ModelSettings open = [&] {
    ModelSettings settings;
    for (const OptionDefault& known : row.options)
      settings.set(*known.option, std::string(known.value));
    settings.set(sequence_options::sample, "700");
    return settings;
  }();
  const auto options = open_options(row, open);
  CHECK(options.size() == 4);
  int trials = 0;
  const ModelSettings chosen = choose_in_turn(options, open, [&](const ModelSettings& settings) {
    ++trials;
    CHECK(settings.whole(sequence_options::sample) == 700);
    const bool near = settings.whole(sequence_options::neighbours) == 200;
    const bool rare = settings.number(sequence_options::idf) == 5.0;
    return Judgement{.value = (near ? 1.0 : 0.0) + (rare ? 1.0 : 0.0)};
  });
  CHECK(trials == 1 + 3 + 4 + 4 + 4);
  CHECK(chosen.text(sequence_options::neighbours) == "200");
  CHECK(chosen.text(sequence_options::idf) == "5");
  CHECK(chosen.text(sequence_options::match_decay) == "linear");
}
