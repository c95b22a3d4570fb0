// The options about features of users and items.
#pragma once

#include <optional>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/data/pseudonyms.h>
#include <tapegrad/apps/evaluation/groups.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/model_row.h>

namespace tapegrad::apps {

// --users and --features; --items is among the item options.
void add_feature_options(boost::program_options::options_description& description);

struct FeatureTables {
  std::optional<FeatureTable> users, items;  // with pseudonyms for the ids of users, where asked
};

// The features that the model looks at, of the tables of --users and --items; none for a model that
// looks at none, whose --items gives titles alone. What was read is told on stderr. Throws
// OptionError for options without effect.
FeatureTables read_features(const boost::program_options::variables_map& given, const ModelRow& row,
                            const std::optional<Pseudonyms>& pseudonyms);
// Adds those that events have where there is no table (EventColumns), once the events are read.
void add_event_features(FeatureTables& tables, const boost::program_options::variables_map& given,
                        const ModelRow& row, const EventColumns& columns,
                        const std::optional<Pseudonyms>& pseudonyms);

// The same in the numbers of a model's features, for those that join it.
FeatureTables read_known_features(const boost::program_options::variables_map& given,
                                  const StoredModel& model,
                                  const std::optional<Pseudonyms>& pseudonyms);
// Those of --users alone.
FeatureTable read_known_users(const boost::program_options::variables_map& given,
                              const StoredModel& model,
                              const std::optional<Pseudonyms>& pseudonyms);
void add_known_event_features(FeatureTables& tables,
                              const boost::program_options::variables_map& given,
                              const StoredModel& model, const EventColumns& columns,
                              const std::optional<Pseudonyms>& pseudonyms);

// Reads and shows a table of --items, which may be a column of the events as well: what inspect
// compares the events with. Nothing without either.
std::optional<FeatureTable> read_item_features(const boost::program_options::variables_map& given,
                                               const EventColumns& columns);

// --by, --users and --items.
void add_group_options(boost::program_options::options_description& description);

// The groups that --by names: of its columns that begin with user. of users, of the others of
// items. A column is one of their table, or without a table one of the events. What was read is
// told on stderr. Throws OptionError for a column that is in neither.
std::vector<Grouping> read_groupings(const boost::program_options::variables_map& given,
                                     const EventColumns& columns, const IdMap& users,
                                     const IdMap& items,
                                     const std::optional<Pseudonyms>& pseudonyms);

}  // namespace tapegrad::apps
