// The options that say what may be recommended.
#pragma once

#include <boost/program_options.hpp>

#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/recommending/slate.h>

namespace tapegrad::apps {

// --exclude, --only, --in-stock, --price, --max-per-category, --diversity, and --items, whose table
// some of them need.
void add_rule_options(boost::program_options::options_description& description);

// The rules that were given; takes the model's titles from --items where that has some. Throws
// OptionError for an option without the table or the column that it needs, and DataError for a
// table that cannot be read. What was read, and ids that the model does not know, are told on
// stderr.
SlateRules slate_rules(const boost::program_options::variables_map& given, StoredModel& model);

}  // namespace tapegrad::apps
