#pragma once

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/graph/dtype.h>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// The roles that columns of an item table can have.
inline constexpr std::array<std::string_view, 5> item_roles = {
    "item.id", "item.title", "item.stock", "item.category", "item.price"};

// The role of the ids in a table of users.
inline constexpr std::string_view user_id_role = "user.id";

// What is known about items beside the events: a title and any further columns, all in UTF-8.
struct ItemTable {
  IdMap ids;                         // item ids as they stand in the table
  std::vector<std::string> titles;   // by the number in `ids`
  std::vector<std::string> columns;  // names of all columns of the table, empty without a header
  // All fields of the item's row, by the number in `ids`.
  std::vector<std::vector<std::string>> rows;
  bool has_titles = false;
  Index repeated = 0;  // rows of an item that had a row before
  // The columns of stock, category and price, -1 for one that the table does not have.
  Index stock = -1, category = -1, price = -1;

  // The title of an item id; the id itself where the item is unknown or its title is blank.
  const std::string& title(const std::string& id) const;
};

// Reads an item table in any format that TableReader takes; ISO-8859-1 text is converted to UTF-8.
//
// The columns have the role item.id (without a header column 1), and where there are such
// item.title (without a header column 2), item.stock, item.category and item.price. Ids lose the
// blanks around them. An empty id is malformed, an empty title is not. An item keeps its
// first row, or the first one with a title, so that a file of events with descriptions serves as
// well. Throws as read_interactions does.
ItemTable read_item_table(const std::string& path, const TableOptions& options = {},
                          ReadReport* report = nullptr);

}  // namespace tapegrad::apps
