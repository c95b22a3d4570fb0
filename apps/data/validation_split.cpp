#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/data/unseen_items.h>
#include <tapegrad/apps/data/user_items.h>
#include <tapegrad/apps/data/validation_split.h>
#include <algorithm>

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

void keep_some(std::vector<std::int32_t>& users, Index count, std::uint64_t seed) {
  if (count <= 0 || count >= static_cast<Index>(users.size())) return;
  std::nth_element(
      users.begin(), users.begin() + count, users.end(),
      [&](std::int32_t a, std::int32_t b) { return number_hash(seed, a) < number_hash(seed, b); });
  users.resize(static_cast<std::size_t>(count));
  std::sort(users.begin(), users.end());
}

std::int32_t hashed_item(const UserItems& pairs, std::int32_t user, std::uint64_t seed) {
  const std::uint64_t user_seed = number_hash(seed, user);
  return *std::ranges::min_element(pairs.of(user), {},
                                   [&](std::int32_t item) { return number_hash(user_seed, item); });
}

std::string describe(const ValidationOptions& options, bool has_times, std::size_t users) {
  const std::string rivals =
      options.negatives > 0 ? fmt::format("{} sampled items", options.negatives) : "all items";
  return fmt::format(
      "{} of {} users, held out of the training part, is ranked among {} outside the user's "
      "training (seed {})",
      has_times ? "the last item" : "one item chosen by hash", users, rivals, options.seed);
}

}  // namespace

Split validation_split(const Interactions& training, const ValidationOptions& options) {
  const UserItems pairs(training);
  std::vector<std::int32_t> users = users_to_test(training, pairs);
  if (users.empty())
    throw DataError(
        "validation: expected a training user with 3 events and 2 different items, got none");
  keep_some(users, options.max_users, stream_seed(options.seed, Stream::users));
  const bool has_times = !training.times.empty();
  const std::vector<std::int32_t> last =
      has_times ? last_items(training) : std::vector<std::int32_t>();
  std::vector<std::int32_t> held(static_cast<std::size_t>(pairs.user_count()), nothing_held);
  for (const std::int32_t user : users) {
    const auto at = static_cast<std::size_t>(user);
    held[at] =
        has_times ? last[at] : hashed_item(pairs, user, stream_seed(options.seed, Stream::items));
  }
  Split split = hold_out(training, held);
  if (options.negatives > 0) {
    const std::uint64_t seed = stream_seed(options.seed, Stream::negatives);
    for (RankingCase& ranking_case : split.cases) {
      ranking_case.candidates =
          sample_unseen_items(pairs, ranking_case.user, options.negatives, seed);
    }
  }
  split.protocol = "validation";
  split.description = describe(options, has_times, users.size());
  return split;
}

}  // namespace tapegrad::apps
