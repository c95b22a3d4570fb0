// Options of models on the command line, as the rows of a registry have them.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/registry_rows.h>

namespace tapegrad::apps {

// What stands behind an option of this kind in the help.
const char* value_name(ModelOption::Kind kind);

// The defaults of an option, as in "192 for mf; 32 for gmf, mlp, neumf".
template <class Row>
std::string defaults_of(const std::vector<Row>& rows, const ModelOption& option) {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> models;  // by value
  for (const Row& row : rows) {
    const OptionDefault* known = find_option(row, option);
    if (known == nullptr) continue;
    const auto same = std::ranges::find(
        models, known->value, &std::pair<std::string_view, std::vector<std::string_view>>::first);
    if (same == models.end())
      models.push_back({known->value, {row.name}});
    else
      same->second.push_back(row.name);
  }
  std::vector<std::string> parts;
  for (const auto& [value, names] : models)
    parts.push_back(fmt::format("{} for {}", value, fmt::join(names, ", ")));
  return fmt::format("{}", fmt::join(parts, "; "));
}

// The defaults that a task has instead of those of the registry.
struct TaskDefaults {
  std::string task;
  std::function<std::string(const ModelOption&)> of;  // as defaults_of() says them, or empty
};
template <class Row>
TaskDefaults task_defaults(const std::string& task, std::vector<Row> rows) {
  return {task, [rows = std::move(rows)](const ModelOption& option) {
            return defaults_of(rows, option);
          }};
}

// The options that the models of a registry know.
template <class Row>
boost::program_options::options_description row_options_description(
    const std::string& caption, const std::vector<Row>& rows,
    const std::vector<const ModelOption*>& options, const std::vector<TaskDefaults>& tasks = {}) {
  boost::program_options::options_description model = options_group(caption);
  for (const ModelOption* option : options) {
    std::vector<std::string> defaults;
    const std::string first = defaults_of(rows, *option);
    if (!first.empty()) defaults.push_back(first);
    for (const TaskDefaults& task : tasks) {
      const std::string own = task.of(*option);
      if (!own.empty() && own != first)
        defaults.push_back(fmt::format("with task {}: {}", task.task, own));
    }
    model.add_options()(
        std::string(option->name).c_str(),
        boost::program_options::value<std::string>()->value_name(value_name(option->kind)),
        fmt::format("{}; default: {}", option->help, fmt::join(defaults, "; ")).c_str());
  }
  return model;
}

// The help of --model.
template <class Row>
std::string models_help(const std::vector<Row>& rows) {
  std::vector<std::string> parts;
  for (const Row& row : rows) parts.push_back(fmt::format("{} ({})", row.name, row.summary));
  return fmt::format("which model is fitted (required): {}", fmt::join(parts, "; "));
}

// Sets what stands behind the option. Throws OptionError, which begins with the option's name after
// two dashes.
void set_option(ModelSettings& settings, const ModelOption& option, const std::string& text);

// The defaults of the row, with what the command line gives. Throws OptionError for an option of
// `options` that the model would not look at.
template <class Row>
ModelSettings given_settings(const boost::program_options::variables_map& given, const Row& row,
                             const std::vector<const ModelOption*>& options) {
  ModelSettings settings = default_settings(row);
  for (const ModelOption* option : options) {
    const std::string name(option->name);
    if (find_option(row, *option) == nullptr)
      refuse_given(given, {name}, fmt::format("with model {}", row.name));
    else if (given.contains(name))
      set_option(settings, *option, given[name].as<std::string>());
  }
  return settings;
}

// The simple models that --baselines names, none for "none". Throws OptionError for a name that no
// row has, a neural network's, and one that is named twice.
template <class Row>
std::vector<std::string> named_baselines(const boost::program_options::variables_map& given,
                                         const std::vector<Row>& rows) {
  const auto text = given["baselines"].as<std::string>();
  if (text == "none") return {};
  std::vector<std::string> names = parse_ids(text);
  if (names.empty()) throw OptionError("--baselines: expected names of models, or none");
  for (const std::string& name : names) {
    if (std::ranges::count(names, name) > 1)
      throw OptionError(fmt::format("--baselines: {} is named twice", name));
    if (row_named(rows, name).is_neural())
      throw OptionError(fmt::format("--baselines: {} is a neural network", name));
  }
  return names;
}

// The values of all options that a row knows, by name.
template <class Row>
nlohmann::json options_json(const Row& row, const ModelSettings& settings) {
  nlohmann::json json = nlohmann::json::object();
  for (const OptionDefault& known : row.options)
    json[std::string(known.option->name)] = settings.text(*known.option);
  return json;
}

}  // namespace tapegrad::apps
