#include "rule_options.h"

#include <array>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/recommending/similarity.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// The ids of an option as the model's numbers; those that it does not know are told.
std::vector<bool> marked_items(const po::variables_map& given, const std::string& name,
                               const IdMap& items) {
  std::vector<bool> marked(static_cast<std::size_t>(items.size()), false);
  for (const std::string& id : parse_ids(given[name].as<std::string>())) {
    const Index item = items.find(trimmed(id));
    if (item < 0)
      std::cerr << fmt::format("tg-recommend: --{}: item {} is unknown to the model\n", name,
                               in_quotes(id));
    else
      marked[static_cast<std::size_t>(item)] = true;
  }
  return marked;
}

struct PriceRange {
  double least = 0.0, greatest = 0.0;
};

// "10-50", "10-" or "-50".
PriceRange price_range(const std::string& text) {
  PriceRange range{-std::numeric_limits<double>::infinity(),
                   std::numeric_limits<double>::infinity()};
  const std::size_t dash = text.find('-');
  const auto fail = [&] {
    throw OptionError(fmt::format("--price: expected a range such as 10-50, 10- or -50, got {}",
                                  in_quotes(text)));
  };
  if (dash == std::string::npos || text.size() == 1) fail();
  const auto end = [&](const std::string& part, double& bound) {
    if (trimmed(part).empty()) return;
    const std::optional<double> number = parse_amount(part);
    if (!number) fail();
    bound = *number;
  };
  end(text.substr(0, dash), range.least);
  end(text.substr(dash + 1), range.greatest);
  if (range.least > range.greatest) fail();
  return range;
}

// One column of the item table, by the model's numbers of the items; items that the table lacks
// have nothing.
std::vector<std::optional<std::string>> column_of(const ItemTable& table, Index column,
                                                  const IdMap& items) {
  std::vector<std::optional<std::string>> fields(static_cast<std::size_t>(items.size()));
  for (Index i = 0; i < items.size(); ++i) {
    const Index row = table.ids.find(items.name(i));
    if (row >= 0)
      fields[static_cast<std::size_t>(i)] =
          table.rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
  }
  return fields;
}

// The column that an option needs. Throws OptionError without it.
Index needed_column(const std::string& option, const char* role, Index column) {
  if (column >= 0) return column;
  throw OptionError(fmt::format(
      "--{} needs a column of the item table with the role {}; --columns {}=NAME chooses one",
      option, role, role));
}

bool is_in_stock(const std::optional<std::string>& field) {
  if (!field) return false;
  const std::optional<double> pieces = parse_amount(*field);
  if (pieces) return *pieces > 0.0;
  const std::string_view word = trimmed(*field);
  return word == "yes" || word == "true" || word == "Yes" || word == "True" || word == "TRUE";
}

void apply_table(const po::variables_map& given, const ItemTable& table, const IdMap& items,
                 SlateRules& rules) {
  if (given.contains("in-stock")) {
    const auto stock =
        column_of(table, needed_column("in-stock", "item.stock", table.stock), items);
    rules.forbid_where("are out of stock", [&](std::int32_t item) {
      return !is_in_stock(stock[static_cast<std::size_t>(item)]);
    });
  }
  if (given.contains("price")) {
    const PriceRange range = price_range(given["price"].as<std::string>());
    const auto prices = column_of(table, needed_column("price", "item.price", table.price), items);
    rules.forbid_where("are not within the price range", [&](std::int32_t item) {
      const auto& field = prices[static_cast<std::size_t>(item)];
      const std::optional<double> price = field ? parse_amount(*field) : std::nullopt;
      return !price || *price < range.least || *price > range.greatest;
    });
  }
  if (given.contains("max-per-category")) {
    const auto categories =
        column_of(table, needed_column("max-per-category", "item.category", table.category), items);
    IdMap names;
    std::vector<std::int32_t> numbers;
    for (const auto& category : categories)
      numbers.push_back(!category || trimmed(*category).empty()
                            ? -1
                            : static_cast<std::int32_t>(names.insert(trimmed(*category))));
    rules.limit_categories(std::move(numbers), bounded(given, "max-per-category", 1, 1000000));
  }
}

}  // namespace

void add_rule_options(po::options_description& description) {
  description.add_options()(
      "exclude", po::value<std::string>()->value_name("IDS"),
      "ids of items that are not recommended, with commas between; default: none")(
      "only", po::value<std::string>()->value_name("IDS"),
      "ids of the only items that may be recommended, with commas between; default: all")(
      "include-seen",
      "recommend also items that the user had in the data: those trained on, held out, or rated "
      "too "
      "low to count")("in-stock",
                      "recommend only items whose stock in the item table is above 0, yes or true")(
      "price", po::value<std::string>()->value_name("RANGE"),
      "the range that the price of an item in the item table must be in, such as 10-50, 10- or "
      "-50; "
      "default: any price")(
      "max-per-category", po::value<int>()->value_name("N"),
      "how many items of one category of the item table a list may have, from 1 on; default: any "
      "number")(
      "diversity", po::value<double>()->value_name("NUMBER"),
      "how much a list is made of items that other people have, from 0 (scores alone) to 1 "
      "(maximal "
      "marginal relevance); default: 0");
  add_item_options(description);
  add_columns_option(description);
  add_unpacking_option(description);
  description.add_options()(
      "skip-bad-lines",
      "pass over malformed lines of --items and --users and count them, instead of stopping at "
      "the first");
}

SlateRules slate_rules(const po::variables_map& given, StoredModel& model) {
  SlateRules rules(model.items.size());
  const std::string path = item_table_of(given);
  if (path.empty()) {
    refuse_given(given, {"in-stock", "price", "max-per-category"}, "without --items");
    if (!given.contains("users")) {
      refuse_given(given, {"columns", "skip-bad-lines"}, "without --items");
    } else {
      column_choices(given).require_used(std::array{user_id_role});
    }
  } else {
    std::vector<std::string_view> roles(item_roles.begin(), item_roles.end());
    if (given.contains("users")) roles.push_back(user_id_role);
    column_choices(given).require_used(roles);
    ReadReport report;
    const ItemTable table = read_item_table(path, item_table_options(given), &report);
    std::cerr << describe_read(path, report, fmt::format("{} items", table.ids.size()),
                               given.contains("quiet"));
    if (table.has_titles) model.titles.clear();
    for (Index i = 0; table.has_titles && i < model.items.size(); ++i)
      model.titles.push_back(table.title(model.items.name(i)));
    apply_table(given, table, model.items, rules);
  }
  if (given.contains("exclude")) {
    const auto marked = marked_items(given, "exclude", model.items);
    rules.forbid_where("are excluded",
                       [&](std::int32_t item) { return marked[static_cast<std::size_t>(item)]; });
  }
  if (given.contains("only")) {
    const auto marked = marked_items(given, "only", model.items);
    rules.forbid_where("are not among --only",
                       [&](std::int32_t item) { return !marked[static_cast<std::size_t>(item)]; });
  }
  if (given.contains("diversity")) {
    rules.diversity = bounded(given, "diversity", 0.0, 1.0);
    rules.similarity = ItemSimilarity(*model.seen);
  }
  return rules;
}

}  // namespace tapegrad::apps
