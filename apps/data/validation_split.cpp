#include <fmt/core.h>

#include <tapegrad/apps/data/cold_split.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/data/temporal_split.h>
#include <tapegrad/apps/data/unseen_items.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/data/validation_split.h>
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tapegrad::apps {
namespace {

// Each use of the seed draws from a stream of its own.
enum class Stream : std::uint64_t { users = 1, items = 2, negatives = 3 };

std::uint64_t stream_seed(std::uint64_t seed, Stream stream) {
  return combine_bits(seed, static_cast<std::uint64_t>(stream));
}

std::uint64_t number_hash(std::uint64_t seed, std::int32_t number) {
  return combine_bits(seed, static_cast<std::uint64_t>(number));
}

template <class Element, class User>
void keep_some(std::vector<Element>& all, Index count, std::uint64_t seed, const User& user_of) {
  if (count <= 0 || count >= static_cast<Index>(all.size())) return;
  const auto hash = [&](const Element& element) { return number_hash(seed, user_of(element)); };
  std::ranges::nth_element(all, all.begin() + count, {}, hash);
  all.resize(static_cast<std::size_t>(count));
  std::ranges::sort(all, {}, user_of);
}

// For each of the users the row of one of its items, chosen by hash: the last row of the item.
std::vector<Index> hashed_rows(const Split& split, std::span<const Index> last,
                               std::uint64_t seed) {
  const Interactions& training = split.training;
  const UserItems targets = UserItems::of_targets(training);
  std::vector<std::int32_t> items(last.size(), -1);
  for (std::size_t user = 0; user < last.size(); ++user) {
    if (last[user] == no_row) continue;
    const std::uint64_t user_seed = number_hash(seed, static_cast<std::int32_t>(user));
    items[user] =
        *std::ranges::min_element(targets.of(static_cast<Index>(user)), {},
                                  [&](std::int32_t item) { return number_hash(user_seed, item); });
  }
  std::vector<Index> rows(last.size(), no_row);
  for (std::size_t row = 0; row < training.users.size(); ++row) {
    const auto user = static_cast<std::size_t>(training.users[row]);
    if (items[user] == training.items[row] && training.is_target(row))
      rows[user] = static_cast<Index>(row);
  }
  return rows;
}

std::string rivals(const ValidationOptions& options) {
  return options.negatives > 0 ? fmt::format("{} sampled items", options.negatives) : "all items";
}

Split last_items_split(const Split& split, const ValidationOptions& options) {
  const Interactions& training = split.training;
  std::vector<Index> last = last_rows(training);
  std::vector<std::int32_t> users;
  for (std::size_t user = 0; user < last.size(); ++user) {
    if (last[user] != no_row) users.push_back(static_cast<std::int32_t>(user));
  }
  if (users.empty())
    throw DataError(
        "validation: expected a training user with 3 events and 2 different items, got none");
  keep_some(users, options.max_users, stream_seed(options.seed, Stream::users),
            [](std::int32_t user) { return user; });
  std::vector<Index> held(last.size(), no_row);
  for (const std::int32_t user : users)
    held[static_cast<std::size_t>(user)] = last[static_cast<std::size_t>(user)];
  const bool has_times = !training.times.empty();
  if (!has_times) held = hashed_rows(split, held, stream_seed(options.seed, Stream::items));
  Split validation = hold_out(training, held, split.repeats);
  validation.description =
      fmt::format("{} of {} users, held out of the training part, is ranked among {} (seed {})",
                  has_times ? "the last item" : "one item chosen by hash", users.size(),
                  rivals(options), options.seed);
  return validation;
}

Split last_part_split(const Split& split, const ValidationOptions& options) {
  const double all = static_cast<double>(split.training.size() + split.test_events);
  const double fraction = std::clamp(static_cast<double>(split.test_events) / all, 0.01, 0.5);
  Split validation = temporal_split(split.training, {.fraction = fraction}, split.repeats);
  keep_some(validation.cases, options.max_users, stream_seed(options.seed, Stream::users),
            [](const RankingCase& one) { return one.user; });
  validation.description =
      fmt::format("items of {} users in the last {:.1f} % of the training part are ranked among {}",
                  validation.cases.size(), 100.0 * fraction, rivals(options));
  return validation;
}

Split tenth_split(const Split& split, const ValidationOptions& options) {
  const Interactions& training = split.training;
  const std::uint64_t seed = stream_seed(options.seed, Stream::items);
  std::vector<bool> is_tested;
  for (std::size_t row = 0; row < training.users.size(); ++row)
    is_tested.push_back(
        number_hash(number_hash(seed, training.users[row]), training.items[row]) % 10 == 0);
  Split validation = split_by_rows(training, is_tested, split.repeats, "validation");
  validation.description = fmt::format(
      "a tenth of the training's events, drawn by hash, is held out (seed {})", options.seed);
  return validation;
}

Split chosen_split(const Split& split, const ValidationOptions& options) {
  if (options.tenth_of_events) return tenth_split(split, options);
  if (split.protocol.starts_with("temporal")) return last_part_split(split, options);
  constexpr std::uint64_t salt = 1;  // other ones than the test's
  if (split.protocol.starts_with("cold-items"))
    return cold_items_split(split.training, cold_fraction_of(split.protocol), salt);
  if (split.protocol.starts_with("cold-users"))
    return cold_users_split(split.training, cold_fraction_of(split.protocol), salt);
  return last_items_split(split, options);
}

}  // namespace

Split validation_split(const Split& split, const ValidationOptions& options) {
  if (split.validation) return *split.validation;
  Split validation = chosen_split(split, options);
  if (options.negatives > 0) {
    const std::uint64_t seed = stream_seed(options.seed, Stream::negatives);
    for (RankingCase& ranking_case : validation.cases) {
      ranking_case.candidates =
          sample_unseen_items(*split.pairs, ranking_case.user, options.negatives, seed);
    }
  }
  validation.protocol = "validation";
  return validation;
}

}  // namespace tapegrad::apps
