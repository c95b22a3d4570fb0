// Whom `recommend` recommends to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/models/model_file.h>

namespace tapegrad::apps {

// Somebody to recommend to.
struct Asker {
  std::string name;
  std::string described;              // for a sentence, such as "user 15" or "this history"
  Index user = -1;                    // in the model; -1 for somebody else
  std::vector<std::int32_t> history;  // of somebody else, ascending
};

// --user, --history, --histories, --users, --user-features and --all-users.
void add_asker_options(boost::program_options::options_description& description);

// Whom the options name, of which exactly one is needed. People who are known by features alone
// become users of the model.
std::vector<Asker> askers_of(const boost::program_options::variables_map& given,
                             StoredModel& model);

}  // namespace tapegrad::apps
