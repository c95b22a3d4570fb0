#pragma once

#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// What a table says of users or items, as it stands there.
struct EntityRows {
  std::vector<std::string> columns;            // their names; empty where they have none
  IdMap ids;                                   // in the order of the table
  std::vector<std::vector<std::string>> rows;  // the fields of all columns, by the number in `ids`
  Index column_count = 0;
  Index id_column = -1;  // -1: the ids are in none of the columns
  Index repeated = 0;    // rows whose id came before
};

}  // namespace tapegrad::apps
