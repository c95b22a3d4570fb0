// The options about data that commands share.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

struct DataOptions {
  std::string path, items, protocol;
  TableOptions table;
  double test_fraction = 0.1;
};

void add_data_options(boost::program_options::options_description& description);
DataOptions data_options(const boost::program_options::variables_map& given);
// The files of the data: three for protocol ncf.
std::vector<std::string> data_files(const DataOptions& options);
// Reads the data and makes the split of the protocol; tells on stderr what was skipped.
Split read_split(const DataOptions& options);
// The titles of the items, from the item table if one is given.
std::vector<std::string> read_titles(const DataOptions& options, const IdMap& items);

}  // namespace tapegrad::apps
