// Groups of users or items that measures are given for one by one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tapegrad::apps {

// The values of one column of a table, such as gender or genres, and who has them.
struct Grouping {
  std::string name;                 // of the column
  bool is_of_items = false;         // of users otherwise
  std::vector<std::string> groups;  // such as "genres=Comedy"
  // By user or item: the groups that it is in, by number; several where a column has lists.
  std::vector<std::vector<std::int32_t>> members;
};

}  // namespace tapegrad::apps
