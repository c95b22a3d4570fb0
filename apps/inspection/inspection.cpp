#include <tapegrad/apps/inspection/inspection.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/times.h>

namespace tapegrad::apps {
namespace {

constexpr double day = 86400.0;

std::vector<Index> counts_of(std::span<const std::int32_t> numbers, Index count) {
  std::vector<Index> counts(static_cast<std::size_t>(count), 0);
  for (const std::int32_t number : numbers) ++counts[static_cast<std::size_t>(number)];
  return counts;
}

std::vector<double> quantiles_of(std::vector<Index> counts) {
  std::ranges::sort(counts);
  std::vector<double> quantiles;
  for (std::size_t quarter = 0; quarter <= 4; ++quarter)
    quantiles.push_back(static_cast<double>(counts[quarter * (counts.size() - 1) / 4]));
  return quantiles;
}

// The part of the sum that the greatest hundredth has.
double part_of_top(std::vector<Index> counts) {
  std::ranges::sort(counts, std::greater<>());
  const std::size_t top = std::max<std::size_t>(1, counts.size() / 100);
  const auto sum = [](std::span<const Index> some) {
    return static_cast<double>(std::accumulate(some.begin(), some.end(), Index{0}));
  };
  return sum(std::span(counts).first(top)) / sum(counts);
}

double time_at(const Interactions& events, std::size_t row) {
  return events.times.empty() ? 0.0 : events.times[row];
}

template <class Key>
std::vector<std::size_t> sorted_rows(const Interactions& events, const Key& key) {
  std::vector<std::size_t> rows(events.users.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::ranges::sort(rows, {}, key);
  return rows;
}

void count_repeats(const Interactions& events, Inspection& found) {
  const auto key = [&](std::size_t row) {
    return std::tuple(events.users[row], events.items[row], time_at(events, row), row);
  };
  const std::vector<std::size_t> rows = sorted_rows(events, key);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool is_repeat = i > 0 && events.users[rows[i]] == events.users[rows[i - 1]] &&
                           events.items[rows[i]] == events.items[rows[i - 1]];
    if (!is_repeat) {
      ++found.pairs;
      continue;
    }
    ++found.repeats;
    if (time_at(events, rows[i]) == time_at(events, rows[i - 1]) && !events.times.empty())
      ++found.duplicates;
  }
}

// Whether the times of one user's events, ascending, are those of a machine. What has one time is
// one act: a basket is bought at once.
bool is_machine(std::span<const double> times) {
  constexpr std::size_t least = 100, most_a_day = 1000;
  std::vector<double> acts(times.begin(), times.end());
  acts.erase(std::unique(acts.begin(), acts.end()), acts.end());
  if (acts.size() < least) return false;
  std::size_t quick = 0, first_of_day = 0;
  for (std::size_t i = 1; i < acts.size(); ++i) {
    quick += acts[i] - acts[i - 1] <= 1.0 ? 1 : 0;
    while (acts[i] - acts[first_of_day] >= day) ++first_of_day;
    if (i - first_of_day + 1 > most_a_day) return true;
  }
  return 2 * quick >= acts.size();
}

void find_machines(const Interactions& events, Inspection& found) {
  const auto key = [&](std::size_t row) { return std::pair(events.users[row], events.times[row]); };
  const std::vector<std::size_t> rows = sorted_rows(events, key);
  std::vector<std::pair<Index, std::int32_t>> machines;
  std::vector<double> times;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    times.push_back(events.times[rows[i]]);
    const std::int32_t user = events.users[rows[i]];
    if (i + 1 < rows.size() && events.users[rows[i + 1]] == user) continue;
    if (is_machine(times)) machines.emplace_back(-static_cast<Index>(times.size()), user);
    times.clear();
  }
  std::ranges::sort(machines);
  found.machines = static_cast<Index>(machines.size());
  constexpr std::size_t most_names = 10;
  for (std::size_t i = 0; i < std::min(most_names, machines.size()); ++i)
    found.machine_names.push_back(events.user_ids.name(machines[i].second));
}

void look_at_times(const Interactions& events, Inspection& found) {
  found.has_times = true;
  std::vector<double> times = events.times;
  std::ranges::sort(times);
  found.first = times.front();
  found.last = times.back();
  constexpr std::size_t most_parts = 24;
  found.by_time.assign(most_parts, 0);
  const double length = std::max(1.0, found.last - found.first);
  for (const double time : times) {
    const auto part = static_cast<std::size_t>((time - found.first) / length * most_parts);
    ++found.by_time[std::min(part, most_parts - 1)];
  }
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] - times[i - 1] <= found.longest_gap) continue;
    found.longest_gap = times[i] - times[i - 1];
    found.gap_begin = times[i - 1];
  }
}

void measure_drift(const Interactions& events, Inspection& found) {
  const std::vector<std::size_t> rows =
      sorted_rows(events, [&](std::size_t row) { return std::pair(events.times[row], row); });
  const std::size_t cut = rows.size() - rows.size() / 5;
  if (cut == rows.size() || cut == 0) return;
  std::vector<double> before(static_cast<std::size_t>(found.items), 0.0), after = before;
  std::vector<bool> known(static_cast<std::size_t>(events.user_ids.size()), false);
  const auto last = static_cast<double>(rows.size() - cut), first = static_cast<double>(cut);
  for (std::size_t i = 0; i < cut; ++i) {
    before[static_cast<std::size_t>(events.items[rows[i]])] += 1.0 / first;
    known[static_cast<std::size_t>(events.users[rows[i]])] = true;
  }
  for (std::size_t i = cut; i < rows.size(); ++i) {
    const auto item = static_cast<std::size_t>(events.items[rows[i]]);
    after[item] += 1.0 / last;
    if (before[item] == 0.0) found.new_items += 1.0 / last;
    if (!known[static_cast<std::size_t>(events.users[rows[i]])]) found.new_users += 1.0 / last;
  }
  for (std::size_t item = 0; item < before.size(); ++item)
    found.drift += 0.5 * std::abs(before[item] - after[item]);
}

void compare_with_table(const Interactions& events, const FeatureTable& table, Inspection& found) {
  found.has_table = true;
  Index with_events = 0;
  for (Index item = 0; item < events.item_ids.size(); ++item) {
    const bool is_there = table.ids.find(events.item_ids.name(item)) >= 0;
    (is_there ? with_events : found.items_without_features) += 1;
  }
  found.items_without_events = table.ids.size() - with_events;
}

std::string quantiles_text(const std::vector<double>& q) {
  return fmt::format("{:.0f} to {:.0f}, quartiles {:.0f}, {:.0f} and {:.0f}", q[0], q[4], q[1],
                     q[2], q[3]);
}

double percent(double part) { return 100.0 * part; }

double percent(Index count, Index all) {
  return percent(static_cast<double>(count) / static_cast<double>(std::max<Index>(1, all)));
}

}  // namespace

Inspection inspect(const Interactions& events, const FeatureTable* table) {
  if (events.size() == 0) throw DataError("inspect: expected events, got none");
  Inspection found;
  found.events = events.size();
  found.users = events.user_ids.size();
  found.items = events.item_ids.size();
  count_repeats(events, found);
  found.density = static_cast<double>(found.pairs) /
                  (static_cast<double>(found.users) * static_cast<double>(found.items));
  const std::vector<Index> by_user = counts_of(events.users, found.users);
  const std::vector<Index> by_item = counts_of(events.items, found.items);
  found.single_users = std::ranges::count(by_user, Index{1});
  found.single_items = std::ranges::count(by_item, Index{1});
  found.user_quantiles = quantiles_of(by_user);
  found.item_quantiles = quantiles_of(by_item);
  found.top_users = part_of_top(by_user);
  found.top_items = part_of_top(by_item);
  if (!events.times.empty()) {
    find_machines(events, found);
    look_at_times(events, found);
    measure_drift(events, found);
  }
  if (table != nullptr) compare_with_table(events, *table, found);
  return found;
}

nlohmann::json to_json(const Inspection& found) {
  nlohmann::json json = {{"events", found.events},
                         {"users", found.users},
                         {"items", found.items},
                         {"pairs", found.pairs},
                         {"density", found.density},
                         {"repeats", found.repeats},
                         {"duplicates", found.duplicates},
                         {"single_users", found.single_users},
                         {"single_items", found.single_items},
                         {"events_a_user", found.user_quantiles},
                         {"events_an_item", found.item_quantiles},
                         {"part_of_top_users", found.top_users},
                         {"part_of_top_items", found.top_items}};
  if (found.has_times) {
    json["machines"] = {{"count", found.machines}, {"busiest", found.machine_names}};
    json["time"] = {{"first", found.first},
                    {"last", found.last},
                    {"events", found.by_time},
                    {"longest_gap", found.longest_gap},
                    {"gap_begin", found.gap_begin}};
    json["last_fifth"] = {{"of_new_items", found.new_items},
                          {"of_new_users", found.new_users},
                          {"drift", found.drift}};
  }
  if (found.has_table)
    json["item_table"] = {{"items_without_features", found.items_without_features},
                          {"items_without_events", found.items_without_events}};
  return json;
}

std::string to_text(const Inspection& found) {
  std::string text = fmt::format(
      "{} events of {} users with {} items\n"
      "{} different pairs: {:.4f} % of all that there could be\n"
      "{} events ({:.1f} %) repeat an earlier pair, {} of them at the same time as another\n"
      "events a user: {}; {} users have one event; the busiest 1 % have {:.1f} % of all\n"
      "events an item: {}; {} items have one event; the busiest 1 % have {:.1f} % of all\n",
      found.events, found.users, found.items, found.pairs, percent(found.density), found.repeats,
      percent(found.repeats, found.events), found.duplicates, quantiles_text(found.user_quantiles),
      found.single_users, percent(found.top_users), quantiles_text(found.item_quantiles),
      found.single_items, percent(found.top_items));
  if (found.has_times) {
    text +=
        fmt::format("from {} to {}; the longest time without events is {:.1f} days, from {} on\n",
                    time_text(found.first), time_text(found.last), found.longest_gap / day,
                    time_text(found.gap_begin));
    text += fmt::format(
        "the last fifth of the events against those before: {:.1f} % are of new items, {:.1f} % of "
        "new users, and the items' shares moved by {:.1f} % (0: the same, 100: nothing in "
        "common)\n",
        percent(found.new_items), percent(found.new_users), percent(found.drift));
    text += found.machines == 0
                ? "no user acts like a machine\n"
                : fmt::format(
                      "{} users act like machines (more than 1,000 events on a day, or most "
                      "within a second of the one before): {}\n",
                      found.machines, fmt::join(found.machine_names, ", "));
  } else {
    text += "without times\n";
  }
  if (found.has_table)
    text += fmt::format(
        "{} items with events have no features, {} with features have no "
        "events\n",
        found.items_without_features, found.items_without_events);
  return text;
}

namespace {

// Bars from the left to the right, the highest as high as there is room.
std::string bars(std::span<const double> heights, double left, double top,
                 const std::string& title) {
  constexpr double width = 460.0, height = 180.0;
  const double greatest = std::max(1e-9, *std::ranges::max_element(heights));
  const double each = width / static_cast<double>(heights.size());
  std::string svg =
      fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"14\">{}</text>\n", left, top - 8.0, title);
  for (std::size_t i = 0; i < heights.size(); ++i) {
    const double own = height * heights[i] / greatest;
    svg += fmt::format(
        "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"#3b6ea5\"/>\n",
        left + each * static_cast<double>(i), top + height - own, std::max(0.5, 0.9 * each), own);
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"11\">most: {:.0f}</text>\n", left,
                     top + height + 14.0, greatest);
  return svg;
}

}  // namespace

std::string to_svg(const Inspection& found, const Interactions& events) {
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"500\" height=\"500\" "
      "font-family=\"sans-serif\">\n<rect width=\"500\" height=\"500\" fill=\"white\"/>\n";
  if (found.has_times)
    svg += bars(std::vector<double>(found.by_time.begin(), found.by_time.end()), 20.0, 40.0,
                fmt::format("Events from {} to {}", time_text(found.first), time_text(found.last)));
  std::vector<Index> counts = counts_of(events.items, found.items);
  std::ranges::sort(counts, std::greater<>());
  // As many bars as can be told apart, each the mean of its items.
  const std::size_t bar_count = std::min<std::size_t>(100, counts.size());
  std::vector<double> means;
  for (std::size_t bar = 0; bar < bar_count; ++bar) {
    const std::size_t begin = bar * counts.size() / bar_count;
    const std::size_t end = (bar + 1) * counts.size() / bar_count;
    means.push_back(static_cast<double>(std::accumulate(
                        counts.begin() + static_cast<std::ptrdiff_t>(begin),
                        counts.begin() + static_cast<std::ptrdiff_t>(end), Index{0})) /
                    static_cast<double>(end - begin));
  }
  svg += bars(means, 20.0, 280.0, fmt::format("Events an item, of {} items", found.items));
  return svg + "</svg>\n";
}

}  // namespace tapegrad::apps
