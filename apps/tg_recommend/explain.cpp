// tg-recommend explain
#include <algorithm>
#include <iostream>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/explanation/leave_one_out.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/nn/replaced_file.h>

#include "commands.h"
#include "histories.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all(
      "tg-recommend explain: which items of a history moved the score of an item, by leaving each "
      "out in turn");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "item", po::value<std::string>()->required(), "the id of the item whose score is explained")(
      "user", po::value<std::string>(), "the id of a user who was trained with")(
      "history", po::value<std::string>(),
      "the items that somebody has, with commas or blanks between")(
      "k", po::value<int>()->default_value(10),
      "how many items of the history, the weightiest first")(
      "svg", po::value<std::string>(), "a file for a picture with a bar for each of these items")(
      "quiet", "do not say what the model was trained on")("json", "a JSON object instead of text");
  return all;
}

// The history, and what its items weigh.
struct Known {
  std::vector<std::int32_t> items;
  std::vector<float> weights;
};

Known history_of(const po::variables_map& given, const StoredModel& model) {
  if (given.contains("user") == given.contains("history"))
    throw OptionError("either --user or --history is needed");
  Known known;
  if (given.contains("history")) {
    const auto line = given["history"].as<std::string>();
    known.items = known_items(line, model, "--history");
    if (known.items.empty())
      throw DataError(
          fmt::format("--history: expected an item that the model knows, got {}", in_quotes(line)));
    return known;
  }
  const std::string id(trimmed(given["user"].as<std::string>()));
  const Index user = model.users.find(id);
  if (!is_known_user(*model.seen, user))
    throw DataError(
        fmt::format("expected a user with events that were trained on, got {}", in_quotes(id)));
  const auto items = model.seen->of(user);
  const auto weights = model.seen->weights_of(user);
  known.items.assign(items.begin(), items.end());
  known.weights.assign(weights.begin(), weights.end());
  return known;
}

std::string name_of_item(const StoredModel& model, std::int32_t item) {
  const std::string& id = model.items.name(item);
  if (model.titles.empty()) return id;
  const std::string& title = model.titles[static_cast<std::size_t>(item)];
  return title == id ? id : fmt::format("{}  {}", id, title);
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const auto path = (*given)["model-file"].as<std::string>();
  if (given->contains("svg")) check_files({path}, {(*given)["svg"].as<std::string>()});
  const StoredModel model = load_model(path);
  const std::string id(trimmed((*given)["item"].as<std::string>()));
  const Index item = model.items.find(id);
  if (item < 0)
    throw DataError(
        fmt::format("{}: expected an item that the model knows, got {}", path, in_quotes(id)));
  const Known known = history_of(*given, model);
  const auto recommender = make_recommender(model);
  const auto number = static_cast<std::int32_t>(item);
  Explanation found = explain_by_leaving_out(*recommender, {known.items, known.weights}, number,
                                             model.items.size());
  const auto all = static_cast<Index>(found.contributions.size());
  found.contributions.resize(std::min(found.contributions.size(), static_cast<std::size_t>(k)));
  std::vector<std::string> names;
  for (const Contribution& one : found.contributions)
    names.push_back(name_of_item(model, one.item));
  const std::string title =
      fmt::format("{}: score {:.4f}", name_of_item(model, number), found.score);
  if (given->contains("svg")) {
    const std::string svg = to_svg(found, names, title);
    nn::ReplacedFile file((*given)["svg"].as<std::string>());
    file.write(svg.data(), svg.size());
    file.commit();
  }
  nlohmann::json list = nlohmann::json::array();
  std::string text = title + fmt::format("; {} of the history's {} items, {}\n", names.size(), all,
                                         found.is_sum ? "whose contributions sum to it"
                                                      : "with the score less that without them");
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Contribution& one = found.contributions[i];
    list.push_back({{"item", model.items.name(one.item)}, {"contribution", one.value}});
    text += fmt::format("{:+10.4f}  {}\n", one.value, names[i]);
  }
  std::cout << (given->contains("json") ? json_line({{"item", id},
                                                     {"score", found.score},
                                                     {"exact", found.is_sum},
                                                     {"contributions", list}})
                                        : text);
  return 0;
}

}  // namespace tapegrad::apps
