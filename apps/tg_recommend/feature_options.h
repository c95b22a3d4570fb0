// The options about features of users and items.
#pragma once

#include <optional>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/data/pseudonyms.h>
#include <tapegrad/apps/evaluation/groups.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

// --users and --features; --items is among the item options.
void add_feature_options(boost::program_options::options_description& description);

struct FeatureTables {
  std::optional<FeatureTable> users, items;
};

// The tables of features that the model looks at; none for a model that does not, whose --items
// gives titles alone. What was read is told on stderr. Throws OptionError for options without
// effect.
FeatureTables read_features(const boost::program_options::variables_map& given,
                            const ModelRow& row);

// The tables of --users and --items in the numbers of a model's features, for those that joined it.
FeatureTables read_known_features(const boost::program_options::variables_map& given,
                                  const StoredModel& model);

// --by, which needs --users or --items.
void add_group_options(boost::program_options::options_description& description);

// The groups that --by names: of its columns that begin with user. of users, of the others of
// items. What was read is told on stderr. Throws OptionError for a column without its table.
std::vector<Grouping> read_groupings(const boost::program_options::variables_map& given,
                                     const IdMap& users, const IdMap& items,
                                     const std::optional<Pseudonyms>& pseudonyms);

}  // namespace tapegrad::apps
