// The histories that predict is asked about.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

struct AskedHistory {
  std::string line;                 // as it was given
  std::vector<std::int32_t> items;  // those that the model knows; none where nothing is predicted
  std::string told;                 // lines for stderr: ids that are left out, and what is wrong
};

// Of --history, or each line of --histories. `unlearnt`, ascending, are items that the model does
// not know although it has a number for them. One history without a known item is a DataError; of
// many it must not stop the others. Throws DataError for none.
std::vector<AskedHistory> asked_histories(const boost::program_options::variables_map& given,
                                          const IdMap& items,
                                          std::span<const std::int32_t> unlearnt);

}  // namespace tapegrad::apps
