#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/ncf_split.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/data/user_items.h>
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unordered_set>
#include <utility>

namespace tapegrad::apps {
namespace {

std::string existing_file(const std::string& path) {
  for (const std::string& candidate : {path, path + ".gz"}) {
    std::error_code ignored;
    if (std::filesystem::exists(candidate, ignored)) return candidate;
  }
  throw DataError(fmt::format("{}: expected this file or {}.gz, got neither", path, path));
}

Interactions read_events(const std::string& path, std::size_t max_unpacked, ReadReport* report,
                         const ReadProgress& progress) {
  TableOptions options;
  options.source = {.delimiter = '\t', .max_unpacked = max_unpacked, .progress = progress};
  options.header = false;
  return read_interactions(path, options, report);
}

[[noreturn]] void refuse(const std::string& path, Index line, Index column,
                         const std::string& reason) {
  throw DataError(fmt::format("{}:{}:{}: {}", path, line, column, reason));
}

// Whether `field` is "(user,item)", a space behind the comma allowed.
bool names_pair(std::string_view field, std::string_view user, std::string_view item) {
  return field == fmt::format("({},{})", user, item) ||
         field == fmt::format("({}, {})", user, item);
}

std::vector<std::int32_t> read_candidates(const Record& record, std::int32_t target, IdMap& items,
                                          const std::string& path) {
  std::vector<std::int32_t> candidates;
  std::unordered_set<std::int32_t> taken{target};
  for (std::size_t column = 1; column < record.fields.size(); ++column) {
    const std::string_view id = trimmed(record.fields[column]);
    if (id.empty())
      refuse(path, record.line, static_cast<Index>(column) + 1,
             "expected an item id, got an empty field");
    const auto item = static_cast<std::int32_t>(items.insert(id));
    if (taken.insert(item).second) candidates.push_back(item);
  }
  // Without candidates the case would mean full ranking.
  if (candidates.empty())
    refuse(path, record.line, 2, "expected a negative other than the test item, got none");
  return candidates;
}

void read_cases(const std::string& path, std::size_t max_unpacked, const Interactions& test,
                Split& split) {
  const std::string text = read_text_file(path, max_unpacked);
  RecordReader reader(text, '\t');
  Record record;
  for (Index row = 0; row < test.size(); ++row) {
    const ReadState state = reader.next(record);
    if (state == ReadState::end)
      throw DataError(
          fmt::format("{}: expected {} rows as in the test, got {}", path, test.size(), row));
    if (state == ReadState::fault)
      refuse(path, reader.fault().line, reader.fault().column, reader.fault().reason);
    const std::string& user = test.user_ids.name(test.users[static_cast<std::size_t>(row)]);
    const std::string& item = test.item_ids.name(test.items[static_cast<std::size_t>(row)]);
    if (!names_pair(trimmed(record.fields[0]), user, item)) {
      refuse(path, record.line, 1,
             fmt::format("expected the test row \"({},{})\", got {}", user, item,
                         in_quotes(record.fields[0])));
    }
    const auto target = static_cast<std::int32_t>(split.training.item_ids.insert(item));
    split.cases.push_back({static_cast<std::int32_t>(split.training.user_ids.insert(user)),
                           {target},
                           read_candidates(record, target, split.training.item_ids, path)});
  }
  if (reader.next(record) != ReadState::end) {
    throw DataError(
        fmt::format("{}: expected {} rows as in the test, got more", path, test.size()));
  }
}

}  // namespace

std::vector<std::string> ncf_files(const std::string& prefix) {
  std::vector<std::string> files;
  for (const char* part : {".train.rating", ".test.rating", ".test.negative"})
    files.push_back(existing_file(prefix + part));
  return files;
}

Split read_ncf_split(const std::string& prefix, std::size_t max_unpacked, ReadReport* report,
                     const ReadProgress& progress) {
  const std::vector<std::string> files = ncf_files(prefix);
  Split split;
  split.training = read_events(files[0], max_unpacked, report, progress);
  const Interactions test = read_events(files[1], max_unpacked, nullptr, {});
  read_cases(files[2], max_unpacked, test, split);
  split.protocol = "ncf";
  split.description =
      "each given test item is ranked among the negatives given for its user (those equal to the "
      "test item dropped)";
  split.fingerprint = hexadecimal(fingerprint(split));
  std::vector<std::int32_t> users = split.training.users, items = split.training.items;
  for (const RankingCase& one : split.cases) {
    users.push_back(one.user);
    items.push_back(one.relevant[0]);
  }
  split.test_events = test.size();
  split.pairs = std::make_shared<const UserItems>(split.training);
  split.had = std::make_shared<const UserItems>(split.training.user_ids.size(),
                                                split.training.item_ids.size(), users, items);
  return split;
}

}  // namespace tapegrad::apps
