#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/hold_out.h>
#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

Repeats repeats_of(const std::string& word) {
  if (word == "drop") return Repeats::drop;
  if (word == "keep") return Repeats::keep;
  throw OptionError(fmt::format("repeat-items must be drop or keep, got {}", in_quotes(word)));
}

std::string describe(Repeats repeats) {
  return repeats == Repeats::drop ? "repeated items dropped" : "repeated items kept";
}

std::shared_ptr<const UserItems> Split::not_competing() const {
  if (repeats == Repeats::drop) return had;
  return std::make_shared<const UserItems>(pairs->user_count(), pairs->item_count(),
                                           std::span<const std::int32_t>(),
                                           std::span<const std::int32_t>());
}

Split leave_one_out_split(const Interactions& interactions, Repeats repeats) {
  if (interactions.size() == 0) throw DataError("protocol loo: expected events, got none");
  Split split = hold_out(interactions, last_rows(interactions), repeats);
  if (split.cases.empty())
    throw DataError("protocol loo: expected a user with 3 events and 2 different items, got none");
  split.protocol = "loo";
  split.description = fmt::format(
      "the item of each user's last {} (users with fewer than 3 events train only) is ranked among "
      "all items{}",
      interactions.times.empty() ? "row in the file" : "event by time (ties: file order)",
      repeats == Repeats::drop ? " outside the user's training" : "");
  return split;
}

Split whole_split(const Interactions& interactions) {
  Split split;
  split.training = interactions;
  split.pairs = std::make_shared<const UserItems>(interactions);
  split.had = std::make_shared<const UserItems>(UserItems::of_targets(interactions));
  split.protocol = "none";
  split.description = "all events train, nothing is tested";
  split.fingerprint = hexadecimal(fingerprint(interactions));
  return split;
}

}  // namespace tapegrad::apps
