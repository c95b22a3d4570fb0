#include <tapegrad/apps/baselines/session_neighbours.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace tapegrad::apps {

SessionNeighbours::SessionNeighbours(const Sessions& training)
    : offsets_(static_cast<std::size_t>(training.items.size()) + 1, 0) {
  // Twice over the distinct items of all sessions: to count, and to list the latest first.
  std::vector<std::int32_t> distinct;
  const auto each = [&](auto&& visit) {
    for (Index s = training.count() - 1; s >= 0; --s) {
      const auto items = training.of(s).items;
      distinct.assign(items.begin(), items.end());
      std::ranges::sort(distinct);
      const auto end = std::unique(distinct.begin(), distinct.end());
      for (auto item = distinct.begin(); item != end; ++item)
        visit(static_cast<std::size_t>(*item), static_cast<std::int32_t>(s));
    }
  };
  each([&](std::size_t item, std::int32_t /*session*/) { ++offsets_[item + 1]; });
  for (std::size_t item = 1; item < offsets_.size(); ++item) offsets_[item] += offsets_[item - 1];
  sessions_.resize(static_cast<std::size_t>(offsets_.back()));
  std::vector<Index> next(offsets_.begin(), offsets_.end() - 1);
  each([&](std::size_t item, std::int32_t session) {
    sessions_[static_cast<std::size_t>(next[item]++)] = session;
  });
}

std::span<const std::int32_t> SessionNeighbours::sessions_of(std::int32_t item) const {
  const auto begin = static_cast<std::size_t>(offsets_[static_cast<std::size_t>(item)]);
  return std::span(sessions_).subspan(begin, static_cast<std::size_t>(sessions_with(item)));
}

std::vector<SessionNeighbours::Neighbour> SessionNeighbours::candidates(
    std::span<const Weighted> items, Index sample) const {
  std::unordered_map<std::int32_t, double> similarities;
  for (const Weighted& one : items) {
    const auto sessions = sessions_of(one.item);
    for (const std::int32_t session :
         sessions.first(std::min(sessions.size(), static_cast<std::size_t>(sample))))
      similarities[session] += one.weight;
  }
  std::vector<Neighbour> found;
  for (const auto& [session, similarity] : similarities) found.push_back({session, similarity});
  const auto count = std::min(found.size(), static_cast<std::size_t>(sample));
  const auto later = [](const Neighbour& a, const Neighbour& b) { return a.session > b.session; };
  std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(count), later);
  found.resize(count);
  std::ranges::sort(found, later);
  return found;
}

void SessionNeighbours::keep_best(std::vector<Neighbour>& neighbours, Index count) {
  if (static_cast<Index>(neighbours.size()) <= count) return;
  std::ranges::nth_element(
      neighbours, neighbours.begin() + count, [](const Neighbour& a, const Neighbour& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.session > b.session;
      });
  neighbours.resize(static_cast<std::size_t>(count));
  std::ranges::sort(neighbours, {}, &Neighbour::session);
}

std::vector<LastPlace> last_places(const History& history) {
  std::unordered_set<std::int32_t> met;
  std::vector<LastPlace> places;
  for (std::size_t i = history.size(); i-- > 0;) {
    if (met.insert(history.items[i]).second) places.push_back({history.items[i], i});
  }
  std::ranges::reverse(places);
  return places;
}

}  // namespace tapegrad::apps
