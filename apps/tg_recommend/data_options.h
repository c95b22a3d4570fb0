// The options about data that commands share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

struct DataOptions {
  std::vector<std::string> sources;  // of protocol ncf the prefix of its three files
  std::string protocol;
  TableOptions table;
  double test_fraction = 0.1;
  bool quiet = false;
};

// A split, and what a model of it must say about itself.
struct ReadData {
  Split split;
  Index events = 0;  // of the file
  // What a model of it is trained and evaluated on, in words. Without the file's name: the
  // fingerprint tells data apart.
  std::string described;
  std::string told;  // lines for stderr that say what was read
};

// --data, --protocol, --test-fraction and those about the table of events. `standard` says which
// protocol it is if none is given.
void add_data_options(boost::program_options::options_description& description,
                      const std::string& standard);
// `protocol` is that of a split (Split::protocol), for where none is given; `min_rating` and
// `unrated` are as table_options() takes them.
DataOptions data_options(const boost::program_options::variables_map& given,
                         const std::string& protocol, std::optional<double> min_rating,
                         const std::string& unrated);
// The files of the data: three for protocol ncf.
std::vector<std::string> data_files(const DataOptions& options);
// Reads the data and makes the split of the protocol. Throws DataError where it cannot be trained
// on.
ReadData read_data(const DataOptions& options, Progress& progress);
// The titles of the items, from the item table if one is given; tells on stderr what was read.
std::vector<std::string> read_titles(const boost::program_options::variables_map& given,
                                     const IdMap& items);

}  // namespace tapegrad::apps
