// From the sources of a command to events and splits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/training/progress.h>

#include "data_options.h"

namespace tapegrad::apps {

// A split, and what a model of it must say about itself.
struct ReadData {
  Split split;
  Index events = 0;  // of the file
  // What a model of it is trained and evaluated on, in words. Without the file's name: the
  // fingerprint tells data apart.
  std::string described;
  std::string told;  // lines for stderr that say what was read
};

// The likes alone, of any number of users and items.
struct ReadLikes {
  Interactions likes;
  std::shared_ptr<const UserItems> had;  // Split::had
  Index unmatched_returns = 0;           // Returns::unmatched
  std::string told;                      // lines for stderr that say what was read
};
ReadLikes read_likes(const DataOptions& options, Progress& progress);
// Reads the data and makes the split of the protocol. Throws DataError where it cannot be trained
// on.
ReadData read_data(const DataOptions& options, Progress& progress);
// The titles of the items, from the item table if one is given, otherwise from a column of the
// events that has the role item.title; none without either. Tells on stderr what was read.
std::vector<std::string> read_titles(const boost::program_options::variables_map& given,
                                     const EventColumns& columns, const IdMap& items);

}  // namespace tapegrad::apps
