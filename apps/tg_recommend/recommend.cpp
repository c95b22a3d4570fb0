// tg-recommend recommend
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/evaluation/top_k.h>
#include <tapegrad/apps/models/model_file.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {

namespace po = boost::program_options;

int run_recommend(const std::vector<std::string>& arguments) {
  po::options_description all("tg-recommend recommend: the best items for a user");
  all.add_options()("help", "this text")("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "user", po::value<std::string>()->required(), "the user's id")("k", po::value<int>()->default_value(10), "how many")(
      "include-seen", "also items that the user has already")("threads", po::value<int>()->default_value(2), "threads")(
      "json", "a JSON object instead of text");
  const auto given = parse(all, arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const auto user_id = (*given)["user"].as<std::string>();
  const StoredModel model = load_model((*given)["model-file"].as<std::string>());
  const Index user = model.users.find(user_id);
  const bool known = user >= 0;
  if (!known) std::cerr << fmt::format("tg-recommend: user {} is unknown: these are the items that most users have\n", user_id);
  const PopularityRecommender popular(model.seen);
  const auto own = known ? make_recommender(model, threads) : nullptr;
  // Nobody's own list, for the unknown user: all items are new to them.
  const UserItems nothing_seen(model.seen.user_count(), model.seen.item_count(), {}, {});
  const auto best = known ? top_k(*own, static_cast<std::int32_t>(user), model.seen, k, given->contains("include-seen"))
                          : top_k(popular, 0, nothing_seen, k, true);
  nlohmann::json list = nlohmann::json::array();
  int place = 0;
  for (const Scored& scored : best) {
    const std::string& id = model.items.name(scored.item);
    const std::string title = model.titles.empty() ? "" : model.titles[static_cast<std::size_t>(scored.item)];
    if (given->contains("json"))
      list.push_back({{"item", id}, {"title", title}, {"score", scored.score}});
    else
      std::cout << fmt::format("{:3}  {}{}{}\n", ++place, id, title.empty() ? "" : "  ", title);
  }
  if (given->contains("json")) std::cout << json_line({{"user", user_id}, {"known", known}, {"items", list}});
  return 0;
}

}  // namespace tapegrad::apps
