#include "histories.h"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

std::vector<std::int32_t> known_items(std::string_view line, const StoredModel& model,
                                      const std::string& name) {
  std::vector<std::int32_t> items;
  for (const std::string& id : parse_ids(line)) {
    const Index item = model.items.find(trimmed(id));
    if (item >= 0)
      items.push_back(static_cast<std::int32_t>(item));
    else
      std::cerr << fmt::format("tg-recommend: {}: item {} is unknown and left out\n", name,
                               in_quotes(id));
  }
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
}

}  // namespace tapegrad::apps
