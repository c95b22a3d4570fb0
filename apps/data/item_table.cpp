#include <fmt/core.h>

#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>
#include <array>
#include <span>

namespace tapegrad::apps {
namespace {

void store(ItemTable& table, std::string_view id, std::string_view title,
           std::span<const std::string_view> fields) {
  const Index known = table.ids.find(id);
  if (known < 0) {
    table.ids.insert(id);
    table.titles.emplace_back(title);
    table.rows.emplace_back(fields.begin(), fields.end());
    return;
  }
  ++table.repeated;
  const auto number = static_cast<std::size_t>(known);
  if (!trimmed(table.titles[number]).empty() || trimmed(title).empty()) return;
  table.titles[number] = title;
  table.rows[number].assign(fields.begin(), fields.end());
}

}  // namespace

const std::string& ItemTable::title(const std::string& id) const {
  const Index number = ids.find(id);
  if (number < 0 || trimmed(titles[static_cast<std::size_t>(number)]).empty()) return id;
  return titles[static_cast<std::size_t>(number)];
}

ItemTable read_item_table(const std::string& path, const TableOptions& options,
                          ReadReport* report) {
  const std::array rules = {column_rule(options, item_roles[0], item_table_names, 1, true),
                            column_rule(options, item_roles[1], title_names, 2, false),
                            column_rule(options, item_roles[2], stock_names, 0, false),
                            column_rule(options, item_roles[3], category_names, 0, false),
                            column_rule(options, item_roles[4], price_names, 0, false)};
  TableReader reader(path, options, rules);
  ItemTable table;
  table.columns = reader.header();
  table.has_titles = reader.column(1) >= 0;
  table.stock = reader.column(2);
  table.category = reader.column(3);
  table.price = reader.column(4);
  while (reader.next()) {
    const auto id = read_id(reader, 0, "an item");
    if (id)
      store(table, *id, table.has_titles ? reader.field(reader.column(1)) : "", reader.fields());
  }
  const ReadReport read = reader.report();
  if (report != nullptr) *report = read;
  require_rows(path, "items", read);
  return table;
}

}  // namespace tapegrad::apps
