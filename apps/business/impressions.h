// What was shown to people, and what came of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// A log of impressions: one item each that was shown to somebody, in file order.
struct Impressions {
  std::vector<std::int32_t> items;      // numbers in item_ids
  std::vector<std::int32_t> positions;  // as the log has them; all 1 without the column
  std::vector<float> clicks;            // 0 or 1
  std::vector<float> purchases;         // 0 or 1; empty without the column
  std::vector<float> prices;            // empty without the column; 0 for what is no price
  // The probabilities that what was shown was shown; empty without the column.
  std::vector<double> propensities;
  std::vector<std::int32_t> users, contexts;  // numbers in user_ids, context_ids; empty without
  IdMap item_ids, user_ids, context_ids;
  Index unpriced = 0;  // purchases whose price is 0, below, or no number

  Index size() const { return static_cast<Index>(items.size()); }
};

// Reads a log. The roles of its columns are item, click, purchase, price, propensity, position,
// user and impression, which names the occasion that a policy's probabilities belong to. Item and
// click are needed. A row is malformed whose click or purchase is neither 0 nor 1, whose propensity
// is not above 0 and at most 1, or whose position is no whole number from 0 on. Throws DataError as
// read_table does.
Impressions read_impressions(std::span<const std::string> locations, const TableOptions& options,
                             ReadReport* report = nullptr);

}  // namespace tapegrad::apps
