#include <tapegrad/apps/data/files_split.h>

#include <memory>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/append_events.h>
#include <tapegrad/apps/data/temporal_split.h>

namespace tapegrad::apps {
namespace {

std::vector<bool> rows_from(Index first, Index count) {
  std::vector<bool> rows(static_cast<std::size_t>(count), false);
  std::fill(rows.begin() + first, rows.end(), true);
  return rows;
}

}  // namespace

Split files_split(const Interactions& training, const std::optional<Interactions>& validation,
                  const Interactions& test, Repeats repeats) {
  Interactions all = training;
  if (validation) append_events(all, *validation);
  const Index trained = all.size();
  std::shared_ptr<Split> choice;
  if (validation) {
    choice = std::make_shared<Split>(
        split_by_rows(all, rows_from(training.size(), all.size()), repeats, "files"));
    choice->protocol = "validation";
    choice->description = "the items of the given validation part are ranked among all items";
  }
  append_events(all, test);
  Split split = split_by_rows(all, rows_from(trained, all.size()), repeats, "files");
  split.protocol = "files";
  split.description = fmt::format(
      "the items of the given test part are ranked among all items{}{}",
      repeats == Repeats::drop ? " outside the user's training" : "",
      validation ? "; the given validation part chose what was open, and then trained, too" : "");
  split.validation = std::move(choice);
  return split;
}

}  // namespace tapegrad::apps
