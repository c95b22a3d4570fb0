// tg-recommend recommend
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/apps/models/known_recommender.h>
#include <tapegrad/apps/models/model_file.h>

#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all("tg-recommend recommend: the best items for a user");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "user", po::value<std::string>()->required(), "the user's id")(
      "k", po::value<int>()->default_value(10), "how many items")(
      "include-seen",
      "also items that the user had in the data: those trained on, held out, or rated too low to "
      "count")("quiet", "do not say what the model was trained on")(
      "json", "a JSON object instead of text");
  return all;
}

std::vector<Scored> best_for(const StoredModel& model, Index user, int k, bool include_had) {
  if (user >= 0)
    return top_k(*make_recommender(model), static_cast<std::int32_t>(user), *model.had, k,
                 include_had);
  // One who is not in the data had nothing, and gets what users without training events get.
  const KnownRecommender popular(std::make_unique<PopularityRecommender>(*model.seen), model.seen);
  return top_k(popular, 0, UserItems(1, model.items.size(), {}, {}), k);
}

}  // namespace

int run_recommend(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const std::string user_id(trimmed((*given)["user"].as<std::string>()));
  const auto path = (*given)["model-file"].as<std::string>();
  const StoredModel model = load_model(path);
  if (!given->contains("quiet")) {
    std::cerr << fmt::format("{}: {} of {} users, {} items, {}\n", path, model.name,
                             model.users.size(), model.items.size(), model.described);
  }
  const Index user = model.users.find(user_id);
  const bool known = is_known_user(*model.seen, user);
  if (!known) {
    std::cerr << fmt::format("tg-recommend: user {} {}: these are the items that most users have\n",
                             user_id, user < 0 ? "is unknown" : "has no event that was trained on");
  }
  const auto best = best_for(model, user, k, given->contains("include-seen"));
  if (static_cast<int>(best.size()) < k) {
    std::cerr << fmt::format(
        "tg-recommend: {} of the {} items wanted: no others with training events are left for user "
        "{}\n",
        best.size(), k, user_id);
  }
  nlohmann::json list = nlohmann::json::array();
  int place = 0;
  for (const Scored& scored : best) {
    const std::string& id = model.items.name(scored.item);
    const std::string title =
        model.titles.empty() ? "" : model.titles[static_cast<std::size_t>(scored.item)];
    if (given->contains("json"))
      list.push_back({{"item", id}, {"title", title}, {"score", scored.score}});
    else
      std::cout << fmt::format("{:3}  {}  {:.4f}{}{}\n", ++place, id, scored.score,
                               title.empty() ? "" : "  ", title);
  }
  if (given->contains("json"))
    std::cout << json_line({{"user", user_id}, {"known", known}, {"items", list}});
  return 0;
}

}  // namespace tapegrad::apps
