// The options about data that commands share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/pseudonyms.h>
#include <tapegrad/apps/data/temporal_split.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

struct DataOptions {
  std::vector<std::string> sources;      // of protocol ncf the prefix of its three files
  std::vector<std::string> valid, test;  // of protocol files, whose `sources` train
  std::string protocol;
  TableOptions table;
  LikeOptions likes;
  TemporalCut cut;
  Repeats repeats = Repeats::drop;
  double cold_fraction = 0.2;              // of protocols cold-items and cold-users
  std::optional<Pseudonyms> pseudonyms{};  // in the place of the users' ids
  // Ids that models know besides those of the events; null for none.
  const IdMap* more_users = nullptr;
  const IdMap* more_items = nullptr;
  // Receives what the events say of users and items; null where nobody asks.
  EventColumns* columns = nullptr;
  bool uses_ratings = false;  // also without LikeOptions::min_rating
  bool quiet = false;
};

// What is taken where the command line does not say it: what a model was trained with, or the
// command's defaults.
struct DataDefaults {
  std::string protocol = "loo";  // as Split::protocol has it
  Repeats repeats = Repeats::drop;
  LikeOptions likes{};
  std::set<std::string, std::less<>> excluded_items{};  // TableOptions::excluded_items
  bool uses_ratings = false;                            // also without LikeOptions::min_rating
  // Otherwise: why a column of ratings has no effect without LikeOptions::min_rating.
  std::string unrated = "without --min-rating";
};

// --data, --protocol and what belongs to them, and the options about the table of events.
// `standard` says which protocol it is if none is given.
void add_data_options(boost::program_options::options_description& description,
                      const std::string& standard);
DataOptions data_options(const boost::program_options::variables_map& given,
                         const DataDefaults& defaults);
// The files of the data: three for protocol ncf.
std::vector<std::string> data_files(const DataOptions& options);

}  // namespace tapegrad::apps
