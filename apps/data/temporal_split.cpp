#include <tapegrad/apps/data/temporal_split.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/times.h>

namespace tapegrad::apps {
namespace {

// For each event whether it is among the last `count` by time, the file order deciding among equal
// times.
std::vector<bool> latest_events(const Interactions& interactions, Index count) {
  std::vector<std::size_t> order(interactions.times.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return interactions.times[row]; });
  std::vector<bool> latest(order.size(), false);
  for (auto row = order.end() - count; row != order.end(); ++row) latest[*row] = true;
  return latest;
}

std::vector<bool> test_rows(const Interactions& interactions, const TemporalCut& cut) {
  if (!cut.time) {
    const double count = cut.fraction * static_cast<double>(interactions.size());
    return latest_events(interactions, std::max<Index>(1, std::llround(count)));
  }
  std::vector<bool> later(interactions.times.size());
  for (std::size_t row = 0; row < later.size(); ++row)
    later[row] = interactions.times[row] >= *cut.time;
  return later;
}

// Items of the test that users with training events may be tested on, and what became of the rest.
struct TestPairs {
  std::vector<RankingCase> cases;
  Index repeated = 0;    // pairs that the user had in the training
  Index of_unknown = 0;  // pairs of users without training events
  Index all = 0;
};

TestPairs test_pairs(const Split& split, const UserItems& test, const UserItems& had_before,
                     Repeats repeats) {
  TestPairs pairs;
  pairs.all = test.size();
  for (Index user = 0; user < test.user_count(); ++user) {
    if (split.pairs->of(user).empty()) {
      pairs.of_unknown += static_cast<Index>(test.of(user).size());
      continue;
    }
    std::vector<std::int32_t> fresh;
    std::ranges::set_difference(test.of(user), had_before.of(user), std::back_inserter(fresh));
    pairs.repeated += static_cast<Index>(test.of(user).size() - fresh.size());
    if (repeats == Repeats::keep) fresh.assign(test.of(user).begin(), test.of(user).end());
    if (!fresh.empty()) pairs.cases.push_back({static_cast<std::int32_t>(user), fresh, {}});
  }
  return pairs;
}

// How many events of the test come in the training, too: of the same user, item and time.
Index count_leaks(const Interactions& interactions, const std::vector<bool>& is_test) {
  std::vector<std::size_t> order(interactions.users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t row) {
    return std::tuple(interactions.users[row], interactions.items[row],
                      interactions.times.empty() ? 0.0 : interactions.times[row]);
  };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(key(a), bool{is_test[a]}) < std::tuple(key(b), bool{is_test[b]});
  });
  Index leaks = 0;
  bool is_trained = false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || key(order[i]) != key(order[i - 1])) is_trained = false;
    if (!is_test[order[i]])
      is_trained = true;
    else if (is_trained)
      ++leaks;
  }
  return leaks;
}

void add_notes(Split& split, const TestPairs& pairs, Index leaks) {
  const auto percent = [&](Index count) {
    return 100.0 * static_cast<double>(count) / static_cast<double>(std::max<Index>(1, pairs.all));
  };
  if (pairs.repeated > 0)
    split.notes.push_back(fmt::format(
        "{} of {} test pairs ({:.1f} %) are of items that the user had before: {}", pairs.repeated,
        pairs.all, percent(pairs.repeated),
        split.repeats == Repeats::drop ? "they are dropped; --repeat-items keep counts them"
                                       : "they count; --repeat-items drop leaves them out"));
  if (pairs.of_unknown > 0)
    split.notes.push_back(
        fmt::format("{} of {} test pairs ({:.1f} %) are of users without training events: they are "
                    "not tested",
                    pairs.of_unknown, pairs.all, percent(pairs.of_unknown)));
  if (leaks > 0)
    split.notes.push_back(
        fmt::format("{} test events are in the training, too (the same user, item{})", leaks,
                    split.training.times.empty() ? "; there are no times" : " and time"));
}

}  // namespace

std::string protocol_of(const TemporalCut& cut) {
  if (!cut.time) return fmt::format("temporal {:g}", cut.fraction);
  const std::string text = time_text(*cut.time);
  // A part of a second is not in the words.
  return "temporal from " + (parse_time(text) == cut.time ? text : fmt::format("{}", *cut.time));
}

TemporalCut temporal_cut_of(const std::string& protocol) {
  const std::string from = "temporal from ", part = "temporal ";
  if (protocol.starts_with(from)) {
    if (const auto time = parse_time(protocol.substr(from.size()))) return {.time = time};
  } else if (protocol.starts_with(part)) {
    if (const auto fraction = parse_number(protocol.substr(part.size())))
      return {.fraction = *fraction};
  }
  throw OptionError(
      fmt::format("expected a protocol temporal with its cut, got {}", in_quotes(protocol)));
}

Split split_by_rows(const Interactions& interactions, const std::vector<bool>& is_test,
                    Repeats repeats, const std::string& what) {
  std::vector<bool> trains = is_test;
  trains.flip();
  const Index trained = std::ranges::count(trains, true);
  if (trained == 0 || trained == interactions.size())
    throw DataError(
        fmt::format("protocol {}: expected events to train on and events to test, got "
                    "{} and {}",
                    what, trained, interactions.size() - trained));
  Split split = split_off(interactions, trains, repeats);
  TestPairs pairs = test_pairs(split, UserItems::of_targets(subset(interactions, is_test)),
                               UserItems::of_targets(split.training), repeats);
  if (pairs.cases.empty())
    throw DataError(fmt::format(
        "protocol {}: expected a user of the {} training events with a{} item in the "
        "{} test events, got none",
        what, split.training.size(), repeats == Repeats::drop ? " new" : "n", split.test_events));
  split.cases = std::move(pairs.cases);
  add_notes(split, pairs, count_leaks(interactions, is_test));
  return split;
}

Split temporal_split(const Interactions& interactions, const TemporalCut& cut, Repeats repeats) {
  if (!cut.time && !(cut.fraction > 0.0 && cut.fraction < 1.0))
    throw OptionError(
        fmt::format("expected a test fraction between 0 and 1, got {}", cut.fraction));
  if (interactions.size() == 0) throw DataError("protocol temporal: expected events, got none");
  if (interactions.times.empty()) {
    throw DataError(
        "protocol temporal: expected a time for each event, since the last events of all are the "
        "test; the table has no times");
  }
  Split split = split_by_rows(interactions, test_rows(interactions, cut), repeats, "temporal");
  split.protocol = protocol_of(cut);
  const std::string test =
      cut.time ? "all events from " + time_text(*cut.time) + " on"
               : fmt::format("the last {:g} % of all events by time", 100.0 * cut.fraction);
  split.description =
      repeats == Repeats::drop
          ? test +
                " are the test; each trained user's new items are ranked among all items "
                "outside its training"
          : test + " are the test; each trained user's items are ranked among all items";
  if (const std::string note = describe_equal_times(interactions); !note.empty())
    split.notes.push_back(note);
  return split;
}

}  // namespace tapegrad::apps
