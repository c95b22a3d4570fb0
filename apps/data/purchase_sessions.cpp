#include <tapegrad/apps/data/purchase_sessions.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

void add(PurchaseSessions& to, const Sessions& from, Index session, std::size_t events,
         bool bought) {
  if (events == 0) {
    ++to.left_out;
    return;
  }
  to.sessions.add(from.owners.name(session), from.of(session).first(events));
  to.bought.push_back(bought);
}

}  // namespace

PurchaseSessions purchases_by_type(const Sessions& sessions, Index type) {
  PurchaseSessions result;
  result.sessions = sessions.without_sessions();
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto types = sessions.of(s).types;
    const auto first = std::ranges::find(types, static_cast<std::int16_t>(type));
    add(result, sessions, s, static_cast<std::size_t>(first - types.begin()), first != types.end());
  }
  return result;
}

PurchaseSessions purchases_by_label(const Sessions& sessions, const std::vector<bool>& labels) {
  PurchaseSessions result;
  result.sessions = sessions.without_sessions();
  for (Index s = 0; s < sessions.count(); ++s)
    add(result, sessions, s, sessions.of(s).size(), labels[static_cast<std::size_t>(s)]);
  return result;
}

Index find_purchase_type(const IdMap& types) {
  constexpr std::array<std::string_view, 5> known = {"purchase", "transaction", "buy", "order",
                                                     "checkout"};
  for (Index type = 0; type < types.size(); ++type) {
    if (std::ranges::find(known, lower_case(types.name(type))) != known.end()) return type;
  }
  return -1;
}

PurchaseSessions known_purchases(const PurchaseSessions& test, const Sessions& training) {
  const KnownTest known = known_test(test.sessions, training, {}, true);
  PurchaseSessions result;
  result.sessions = training.without_sessions();
  for (Index s = 0; s < known.sessions.count(); ++s)
    add(result, known.sessions, s, known.sessions.of(s).size(),
        test.bought[static_cast<std::size_t>(s)]);
  return result;
}

PurchaseParts last_tenth(const PurchaseSessions& all) {
  PurchaseParts parts;
  parts.before.sessions = parts.last.sessions = all.sessions.without_sessions();
  const Index count = all.sessions.count(), held = std::max<Index>(1, count / 10);
  for (Index s = 0; s < count; ++s)
    add(s < count - held ? parts.before : parts.last, all.sessions, s, all.sessions.of(s).size(),
        all.bought[static_cast<std::size_t>(s)]);
  return parts;
}

PurchaseSplitInTime purchases_in_time(const PurchaseSessions& all, const TemporalCut& cut) {
  const SessionsInTime parts = sessions_in_time(all.sessions, cut);
  PurchaseSplitInTime split;
  split.before.sessions = parts.before;
  split.after.sessions = parts.after;
  for (Index s = 0; s < all.sessions.count(); ++s) {
    const bool is_before = all.sessions.of(s).times.front() < parts.start;
    (is_before ? split.before : split.after)
        .bought.push_back(all.bought[static_cast<std::size_t>(s)]);
  }
  return split;
}

Index require_both(const PurchaseSessions& sessions, const std::string& path) {
  const Index bought = std::ranges::count(sessions.bought, true);
  if (bought == 0 || bought == sessions.sessions.count())
    throw DataError(fmt::format(
        "{}: expected sessions with a purchase and others, got {} with one and {} without", path,
        bought, sessions.sessions.count() - bought));
  return bought;
}

}  // namespace tapegrad::apps
