// How much events of different types count.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// What a command's option --event-weights says: a weight of 0 or more for each type of event, such
// as view=1,cart=3,purchase=5. Events of weight 0 are left out. Weights count relative to each
// other.
class EventWeights {
 public:
  // Throws OptionError for what is no such list, for a type that is given twice, and where no
  // weight is above 0.
  explicit EventWeights(std::string_view text);

  // Nothing for a type that is not listed. Case does not matter.
  std::optional<double> of(std::string_view type) const;

  // The weight of each type by its number, 0 for one that is not listed.
  std::vector<double> of_types(const IdMap& type_ids) const;

  // The greatest weight: events of these types are what a shop wants in the end.
  double heaviest() const;

  // As in "cart=3,purchase=5,view=1".
  std::string text() const;

 private:
  std::map<std::string, double, std::less<>> weights_;
};

}  // namespace tapegrad::apps
