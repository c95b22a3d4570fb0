#include <tapegrad/apps/data/returns.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace tapegrad::apps {
namespace {

// The events of each user with each item together, in the order that they happened in.
std::vector<std::size_t> by_pair(const Interactions& events) {
  std::vector<std::size_t> order(events.users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto time = [&](std::size_t row) { return events.times.empty() ? 0.0 : events.times[row]; };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(events.users[a], events.items[a], time(a), a) <
           std::tuple(events.users[b], events.items[b], time(b), b);
  });
  return order;
}

}  // namespace

Returns find_returns(const Interactions& events) {
  Returns returns;
  returns.is_kept.assign(events.users.size(), true);
  if (events.quantities.empty()) return returns;
  std::vector<std::pair<std::size_t, double>> bought;  // of one pair: events and the pieces left
  std::pair<std::int32_t, std::int32_t> current{-1, -1};
  for (const std::size_t row : by_pair(events)) {
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
