// The option about people's ids.
#pragma once

#include <optional>
#include <string>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/pseudonyms.h>
#include <tapegrad/apps/models/model_file.h>

namespace tapegrad::apps {

// --pseudonymise
void add_pseudonym_option(boost::program_options::options_description& description);
std::optional<Pseudonyms> pseudonyms_of(const boost::program_options::variables_map& given);

// Those of a model that was trained with them. Throws OptionError where the option is missing,
// where the model knows the ids themselves, and for another key.
std::optional<Pseudonyms> pseudonyms_of(const boost::program_options::variables_map& given,
                                        const StoredModel& model);

// The model's number of a user by the id that people know; -1 for nobody.
Index find_user(const StoredModel& model, const std::optional<Pseudonyms>& pseudonyms,
                const std::string& id);

}  // namespace tapegrad::apps
