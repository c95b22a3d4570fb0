#include "pseudonym_options.h"

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_pseudonym_option(po::options_description& description) {
  description.add_options()(
      "pseudonymise", po::value<std::string>()->value_name("KEYFILE"),
      "a file with a key of 16 bytes or more: models and lists hold keyed hashes (HMAC-SHA-256) in "
      "the place of the ids of users, and commands with the same key take the ids; default: the "
      "ids "
      "are kept as they are");
}

std::optional<Pseudonyms> pseudonyms_of(const po::variables_map& given) {
  if (!given.contains("pseudonymise")) return std::nullopt;
  return Pseudonyms::from_file(given["pseudonymise"].as<std::string>());
}

std::optional<Pseudonyms> pseudonyms_of(const po::variables_map& given, const StoredModel& model) {
  std::optional<Pseudonyms> pseudonyms = pseudonyms_of(given);
  if (pseudonyms && model.key_check.empty())
    throw OptionError(
        "--pseudonymise has no effect with a model that was trained without it, and knows the ids");
  if (!pseudonyms && !model.key_check.empty())
    throw OptionError(
        "the model was trained with --pseudonymise, and the ids of users are found with the same "
        "key only: --pseudonymise KEYFILE");
  if (pseudonyms && pseudonyms->check() != model.key_check)
    throw OptionError("--pseudonymise: the model was trained with another key");
  return pseudonyms;
}

Index find_user(const StoredModel& model, const std::optional<Pseudonyms>& pseudonyms,
                const std::string& id) {
  return model.users.find(pseudonyms ? pseudonyms->of(id) : id);
}

}  // namespace tapegrad::apps
