// tg-recommend similar
#include <array>
#include <iostream>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/recommending/similarity.h>

#include "commands.h"
#include "rule_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description similar_description() {
  po::options_description all =
      options_group("tg-recommend similar: the items that are most like an item");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "item", po::value<std::string>()->value_name("ID")->required(),
      "the id of the item that the others are compared with (required)")(
      "k", po::value<int>()->value_name("N")->default_value(10),
      "how many items are listed, from 1 on")(
      "quiet", "do not print what the model was trained on")("json",
                                                             "print a JSON object instead of text");
  add_rule_options(all);
  return all;
}

}  // namespace

int run_similar(const std::vector<std::string>& arguments) {
  const auto given = parse(similar_description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  refuse_given(*given, {"include-seen"}, "without a user");
  const auto path = (*given)["model-file"].as<std::string>();
  const std::string id(trimmed((*given)["item"].as<std::string>()));
  StoredModel model = load_model(path);
  const Index item = model.items.find(id);
  if (item < 0)
    throw DataError(
        fmt::format("{}: expected an item that the model knows, got {}", path, in_quotes(id)));
  const SlateRules rules = slate_rules(*given, model);
  std::vector<float> scores(static_cast<std::size_t>(model.items.size()));
  const auto number = static_cast<std::int32_t>(item);
  const bool is_learnt = make_recommender(model)->score_similar(number, scores);
  if (!is_learnt) {
    const ItemSimilarity similarity(*model.seen);
    for (std::size_t other = 0; other < scores.size(); ++other)
      scores[other] = static_cast<float>(similarity(number, static_cast<std::int32_t>(other)));
  }
  const char* const source = is_learnt ? "model" : "users in common";
  if (!given->contains("quiet"))
    std::cerr << fmt::format("{}: items like {} by {}\n", path, id,
                             is_learnt ? "what " + model.name + " learnt of them"
                                       : "how many users they have in common");
  const std::array<std::int32_t, 1> itself = {number};
  const Slate slate = choose_slate(scores, k, rules, itself);
  if (!slate.shortfall.empty()) std::cerr << fmt::format("tg-recommend: {}\n", slate.shortfall);
  nlohmann::json list = nlohmann::json::array();
  std::string text;
  for (const Scored& one : slate.items) {
    const std::string& other = model.items.name(one.item);
    const std::string title =
        model.titles.empty() ? "" : model.titles[static_cast<std::size_t>(one.item)];
    list.push_back(
        {{"item", other}, {"title", title}, {"similarity", one.score}, {"source", source}});
    text += fmt::format("{:3}  {}  {:.4f}{}{}\n", list.size(), other, one.score,
                        title.empty() ? "" : "  ", title);
  }
  std::cout << (given->contains("json") ? json_line({{"item", id}, {"items", list}}) : text);
  return 0;
}

}  // namespace tapegrad::apps
