// Tables as they stand.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

struct Records {
  std::vector<std::string> names;                 // of the columns: in the header, or from "1" on
  bool has_names = false;                         // whether they stand in a header
  std::vector<std::vector<std::string>> columns;  // the fields, without blanks around, by column
  ReadReport report;

  Index count() const { return columns.empty() ? 0 : static_cast<Index>(columns.front().size()); }
  // The column with this name or number from 1 on; -1 where there is none.
  Index find(const std::string& name) const;
};

// Reads all columns of the sources. `rules` say which columns there must be, if any, and whether
// the first row is a header, as TableReader has it. A source whose header has the names of the
// first one in another order, or more of them, is read by its names. Throws DataError as
// read_table() does, for a source that lacks a column, and for a table without rows.
Records read_records(std::span<const std::string> locations, const TableOptions& options,
                     std::span<const ColumnRule> rules = {});

}  // namespace tapegrad::apps
