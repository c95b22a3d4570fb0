// The options about features of users and items.
#pragma once

#include <optional>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/feature_table.h>
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

}  // namespace tapegrad::apps
