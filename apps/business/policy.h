// What another policy would have shown.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <tapegrad/apps/business/impressions.h>

namespace tapegrad::apps {

// Probabilities of items, for the impressions of a log.
class Policy {
 public:
  struct Choice {
    std::int32_t item = 0;  // in the log's numbers; items that were never shown are added to them
    double probability = 0.0;
  };

  // All items of the log alike.
  static Policy uniform(const Impressions& log);

  // From a table with the columns item and probability, and where the probabilities depend on it
  // impression, user or position. Throws DataError for probabilities outside of [0, 1], for those
  // of an occasion that do not sum to 1 (to a thousandth), and for an impression of the log without
  // any.
  static Policy read(const std::string& path, const TableOptions& options, Impressions& log);

  // The choices at an impression of the log, by its number.
  const std::vector<Choice>& at(Index impression) const;
  // The probability of the item that was shown there.
  double of_shown(const Impressions& log, Index impression) const;

 private:
  std::vector<std::vector<Choice>> choices_;  // by occasion
  std::vector<std::int32_t> occasions_;       // of each impression
};

}  // namespace tapegrad::apps
