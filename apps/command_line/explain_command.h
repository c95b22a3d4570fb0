// What the commands that explain a score share.
#pragma once

#include <functional>
#include <string>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/explanation/explanation.h>

namespace tapegrad::apps {

// --method, --k, --svg, --quiet and --json. `parts` are what contributes, as in "items and
// features".
void add_explain_options(boost::program_options::options_description& description,
                         const std::string& parts);

// Whether --method is gradients, else leave-out. Throws OptionError for another method.
bool is_by_gradients(const boost::program_options::variables_map& given);

// How an explanation is told.
struct ExplanationText {
  std::string title;  // what was scored
  std::string parts;  // what contributes, as in "items of the history"
  std::function<std::string(const InputPart&)> name;
  std::function<nlohmann::json(const InputPart&)> json;  // what an entry has besides name and value
  nlohmann::json head;                                   // what the object has besides
};
// Prints the first --k contributions, and draws them where --svg asks for it.
void show_explanation(const boost::program_options::variables_map& given, Explanation found,
                      const ExplanationText& text);

}  // namespace tapegrad::apps
