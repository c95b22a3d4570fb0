#include <tapegrad/apps/data/returns.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace tapegrad::apps {
namespace {

std::uint64_t pair_of(const Interactions& events, std::size_t row) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(events.users[row])) << 32 |
         static_cast<std::uint32_t>(events.items[row]);
}

bool is_return(const Interactions& events, std::size_t row) {
  return events.quantities[row] <= 0.0F;
}

// The events of pairs of a user and an item with a return among them, each pair's together, in the
// order that they happened in.
std::vector<std::size_t> events_of_returns(const Interactions& events) {
  std::vector<std::uint64_t> pairs;
  for (std::size_t row = 0; row < events.users.size(); ++row) {
    if (is_return(events, row)) pairs.push_back(pair_of(events, row));
  }
  std::ranges::sort(pairs);
  // Most users return nothing, and need no search among the pairs.
  std::vector<bool> returns(static_cast<std::size_t>(events.user_ids.size()), false);
  for (const std::uint64_t pair : pairs) returns[static_cast<std::size_t>(pair >> 32)] = true;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < events.users.size(); ++row) {
    if (returns[static_cast<std::size_t>(events.users[row])] &&
        std::ranges::binary_search(pairs, pair_of(events, row)))
      rows.push_back(row);
  }
  const auto time = [&](std::size_t row) { return events.times.empty() ? 0.0 : events.times[row]; };
  std::ranges::sort(
      rows, {}, [&](std::size_t row) { return std::tuple(pair_of(events, row), time(row), row); });
  return rows;
}

}  // namespace

Returns find_returns(const Interactions& events) {
  Returns returns;
  returns.is_kept.assign(events.users.size(), true);
  if (events.quantities.empty()) return returns;
  std::vector<std::pair<std::size_t, double>> bought;  // of one pair: events and the pieces left
  std::pair<std::int32_t, std::int32_t> current{-1, -1};
  for (const std::size_t row : events_of_returns(events)) {
    if (const std::pair pair(events.users[row], events.items[row]); pair != current) {
      current = pair;
      bought.clear();
    }
    const float stated = events.quantities[row];
    const double quantity = std::isnan(stated) ? 1.0 : static_cast<double>(stated);
    if (quantity > 0.0) {
      bought.emplace_back(row, quantity);
      continue;
    }
    returns.is_kept[row] = false;
    if (quantity == 0.0) {
      ++returns.nothing;
      continue;
    }
    ++returns.returns;
    double pieces = -quantity;
    while (pieces > 0.0 && !bought.empty()) {
      auto& [purchase, left] = bought.back();
      const double taken = std::min(pieces, left);
      pieces -= taken;
      left -= taken;
      if (left > 0.0) break;
      returns.is_kept[purchase] = false;
      ++returns.returned;
      bought.pop_back();
    }
    if (pieces > 0.0) ++returns.unmatched;
  }
  return returns;
}

std::string describe_returns(const std::string& path, const Returns& returns) {
  if (returns.returns == 0 && returns.nothing == 0) return "";
  return fmt::format(
      "{}: {} rows with a negative quantity take back {} purchases ({} of them more than was "
      "bought before); {} rows with a quantity of 0 are left out; --columns "
      "quantity=none,order=none counts every row\n",
      path, returns.returns, returns.returned, returns.unmatched, returns.nothing);
}

}  // namespace tapegrad::apps
