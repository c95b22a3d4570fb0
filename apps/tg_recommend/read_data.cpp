#include "read_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/cold_split.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/files_split.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/ncf_split.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

Split split_of(const Interactions& likes, const DataOptions& options) {
  if (options.protocol == "temporal") return temporal_split(likes, options.cut, options.repeats);
  if (options.protocol == "cold-items") return cold_items_split(likes, options.cold_fraction);
  if (options.protocol == "cold-users") return cold_users_split(likes, options.cold_fraction);
  return options.protocol == "loo" ? leave_one_out_split(likes, options.repeats)
                                   : whole_split(likes);
}

void add_ids(IdMap& ids, const IdMap* more) {
  if (more == nullptr) return;
  for (Index i = 0; i < more->size(); ++i) ids.insert(more->name(i));
}

// Events with what the reader of a result must know of them.
struct ReadEvents {
  Interactions likes;
  Index events = 0;
  std::shared_ptr<const UserItems> had;
  Index unmatched_returns = 0;
  std::string told;
};

ReadEvents read_events(const std::vector<std::string>& sources, const DataOptions& options,
                       Progress& progress) {
  TableOptions table = options.table;
  const std::string shown = displayed_all(sources);
  show_reading(table, progress, shown);
  ReadReport report;
  Interactions events =
      read_interactions(sources, table, &report, EventOwner::user, options.columns);
  progress.clear();
  if (options.pseudonyms) events.user_ids = options.pseudonyms->of(events.user_ids);
  const Index event_users = events.user_ids.size(), event_items = events.item_ids.size();
  add_ids(events.user_ids, options.more_users);
  add_ids(events.item_ids, options.more_items);
  events.added_users = events.user_ids.size() - event_users;
  events.added_items = events.item_ids.size() - event_items;
  const Returns returns = find_returns(events);
  ReadEvents read{.likes = likes_of(events, returns, options.likes),
                  .events = events.size(),
                  .had = {},
                  .unmatched_returns = returns.unmatched,
                  .told = {}};
  // Of typed events only targets are had: what was looked at may still be bought.
  read.had = std::make_shared<const UserItems>(
      read.likes.targets.empty()
          ? UserItems(events.user_ids.size(), events.item_ids.size(), events.users, events.items)
          : UserItems::of_targets(read.likes));
  const std::string liked =
      read.likes.size() == events.size()
          ? "every event is a like"
          : fmt::format("{} of {} events are likes{}", read.likes.size(), events.size(),
                        options.likes.min_rating
                            ? fmt::format(" ({})", describe_likes(options.likes))
                            : "");
  read.told = describe_read(shown, report,
                            fmt::format("{} users, {} items, {}; {}", event_users, event_items,
                                        describe_times(events.times), liked),
                            options.quiet);
  read.told += describe_returns(shown, returns);
  if (!options.likes.min_rating)
    read.told += describe_not_positive(shown, count_not_positive(events), events.size());
  if (options.uses_ratings && !options.quiet) {
    const auto without =
        std::ranges::count_if(events.ratings, [](float rating) { return !std::isfinite(rating); });
    if (without > 0)
      read.told += fmt::format("{}: {} of {} ratings are no numbers, and teach no rating\n", shown,
                               without, events.ratings.size());
  }
  if (!options.quiet) read.told += describe_events(shown, events, options.likes);
  return read;
}

void tell_notes(ReadData& data, const std::string& shown, bool quiet) {
  if (quiet) return;
  for (const std::string& note : data.split.notes)
    data.told += fmt::format("{}: {}\n", shown, note);
}

ReadData read_one_table(const DataOptions& options, Progress& progress) {
  ReadEvents read = read_events(options.sources, options, progress);
  require_targets(read.likes, options.likes);
  require_trainable(read.likes);
  ReadData data{.split = split_of(read.likes, options),
                .events = read.events,
                .described = {},
                .told = std::move(read.told)};
  data.split.had = std::move(read.had);
  tell_notes(data, displayed_all(options.sources), options.quiet);
  return data;
}

ReadData read_files(const DataOptions& options, Progress& progress) {
  ReadData data;
  DataOptions part_options = options;
  part_options.more_users = part_options.more_items = nullptr;
  const auto read = [&](const std::vector<std::string>& sources) {
    ReadEvents part = read_events(sources, part_options, progress);
    data.events += part.events;
    data.told += part.told;
    return std::move(part.likes);
  };
  Interactions training = read(options.sources);
  std::optional<Interactions> validation;
  require_targets(training, options.likes);
  if (!options.valid.empty()) validation = read(options.valid);
  if (validation && options.likes.half_life) {
    const double last = std::max(training.weighed_at, validation->weighed_at);
    weigh_at(training, last, *options.likes.half_life);
    weigh_at(*validation, last, *options.likes.half_life);
  }
  Interactions test = read(options.test);
  // Ids of tables come behind those of all files.
  const auto add_more = [&](IdMap Interactions::*ids, const IdMap* more) {
    Index added = 0;
    for (Index i = 0; more != nullptr && i < more->size(); ++i) {
      const std::string& name = more->name(i);
      if ((training.*ids).find(name) >= 0 || (validation && ((*validation).*ids).find(name) >= 0) ||
          (test.*ids).find(name) >= 0)
        continue;
      (test.*ids).insert(name);
      ++added;
    }
    return added;
  };
  test.added_users = add_more(&Interactions::user_ids, options.more_users);
  test.added_items = add_more(&Interactions::item_ids, options.more_items);
  data.split = files_split(training, validation, test, options.repeats);
  require_trainable(data.split.training);
  tell_notes(data, displayed_all(options.test), options.quiet);
  return data;
}

// The three files may have been written from the same events.
std::string describe_trained_tests(const std::string& path, const Split& split) {
  const auto count = std::ranges::count_if(split.cases, [&](const RankingCase& one) {
    return split.pairs->contains(one.user, one.relevant[0]);
  });
  if (count == 0) return "";
  return fmt::format(
      "{}.test.rating: {} of {} test items were trained on for the same user: the figures say "
      "little about others\n",
      path, count, split.cases.size());
}

ReadData read_ncf(const DataOptions& options, Progress& progress) {
  TableOptions table = options.table;
  show_reading(table, progress, options.sources[0] + ".*");
  ReadReport report;
  ReadData data{.split = read_ncf_split(options.sources[0], table.source.max_unpacked, &report,
                                        table.source.progress),
                .events = 0,
                .described = {},
                .told = {}};
  progress.clear();
  const Split& split = data.split;
  require_trainable(split.training);
  data.events = split.training.size() + static_cast<Index>(split.cases.size());
  data.told =
      describe_read(options.sources[0] + ".*", report,
                    fmt::format("{} users, {} items, {}; {} test cases",
                                split.training.user_ids.size(), split.training.item_ids.size(),
                                describe_times(split.training.times), split.cases.size()),
                    options.quiet);
  data.told += describe_trained_tests(options.sources[0], split);
  return data;
}

}  // namespace

ReadLikes read_likes(const DataOptions& options, Progress& progress) {
  ReadEvents read = read_events(options.sources, options, progress);
  return {.likes = std::move(read.likes),
          .had = std::move(read.had),
          .unmatched_returns = read.unmatched_returns,
          .told = std::move(read.told)};
}

ReadData read_data(const DataOptions& options, Progress& progress) {
  ReadData data = options.protocol == "ncf"     ? read_ncf(options, progress)
                  : options.protocol == "files" ? read_files(options, progress)
                                                : read_one_table(options, progress);
  const Split& split = data.split;
  data.described = fmt::format("trained on {} of {} events", split.training.size(), data.events);
  if (options.likes.min_rating || options.likes.event_weights || options.likes.half_life)
    data.described += fmt::format(" ({})", describe_likes(options.likes));
  data.described += split.cases.empty()
                        ? ", evaluated on none (protocol none)"
                        : fmt::format(", evaluated on what was held out of {} users (protocol {})",
                                      split.cases.size(), split.protocol);
  return data;
}

namespace {

std::vector<std::string> titles_of(const EntityColumns& columns, const IdMap& items) {
  const auto at = std::ranges::find(columns.names(), "title") - columns.names().begin();
  if (at == static_cast<std::ptrdiff_t>(columns.names().size())) return {};
  const EntityRows rows = columns.rows();
  std::vector<std::string> titles;
  for (Index i = 0; i < items.size(); ++i) {
    const Index row = rows.ids.find(items.name(i));
    const std::string title =
        row < 0 ? "" : rows.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(at)];
    titles.push_back(title.empty() ? items.name(i) : title);
  }
  return titles;
}

}  // namespace

std::vector<std::string> read_titles(const po::variables_map& given, const EventColumns& columns,
                                     const IdMap& items) {
  const std::string path = item_table_of(given, true);
  if (path.empty()) return titles_of(columns.items, items);
  ReadReport report;
  const ItemTable known = read_item_table(path, item_table_options(given), &report);
  if (!known.has_titles) {
    std::cerr << describe_read(path, report,
                               fmt::format("{} items without titles", known.ids.size()),
                               given.contains("quiet"));
    return {};
  }
  std::vector<std::string> titles;
  Index found = 0;
  for (Index i = 0; i < items.size(); ++i) {
    titles.push_back(known.title(items.name(i)));
    found += known.ids.find(items.name(i)) >= 0 ? 1 : 0;
  }
  std::cerr << describe_read(path, report,
                             fmt::format("titles of {} of the {} items", found, items.size()),
                             given.contains("quiet"));
  return titles;
}

}  // namespace tapegrad::apps
