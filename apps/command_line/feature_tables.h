// Features of users and items, from tables or from the events themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/feature_table.h>

namespace tapegrad::apps {

inline constexpr std::string_view of_users = "user.";  // before the names of features of users

// Whether there is a table of these, --users or --items, or a column of the events.
bool has_source(const boost::program_options::variables_map& given, Entity entity);

// The features of the table that --users or --items names. What was read is told on stderr; `known`
// as feature_table_of() takes it.
FeatureTable read_feature_file(const boost::program_options::variables_map& given, Entity entity,
                               const std::vector<FeatureChoice>& choices,
                               const std::vector<FeatureEncoder>* known = nullptr);
// The same of what the events say.
FeatureTable gathered_features(const boost::program_options::variables_map& given,
                               const EventColumns& columns, Entity entity,
                               const std::vector<FeatureChoice>& choices,
                               const std::vector<FeatureEncoder>* known = nullptr);

// Features by whose table they are of.
struct ChosenFeatures {
  std::vector<FeatureChoice> items, users;
};
// From the text that an option was given. Throws OptionError for features that have no source.
ChosenFeatures chosen_features(const boost::program_options::variables_map& given,
                               const std::string& text, const char* option);
// Those of --features; none where it is not given, or is "all".
ChosenFeatures asked_features(const boost::program_options::variables_map& given);

}  // namespace tapegrad::apps
