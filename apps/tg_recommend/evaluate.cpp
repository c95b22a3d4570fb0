// tg-recommend evaluate
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/model_file.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// The model's numbers of the data's ids must be the same, which they are for the data that it was trained on.
void check_same_data(const StoredModel& model, const Split& split) {
  if (model.fingerprint == split.fingerprint && model.protocol == split.protocol) return;
  throw DataError(fmt::format("the model was trained on data {} with protocol {}, these are data {} with protocol {}",
                              model.fingerprint, model.protocol, split.fingerprint, split.protocol));
}

}  // namespace

int run_evaluate(const std::vector<std::string>& arguments) {
  po::options_description all("tg-recommend evaluate: judges a saved model on the test part of the data that it was trained on");
  all.add_options()("help", "this text")("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "k", po::value<int>()->default_value(10), "length of the list that is judged")(
      "threads", po::value<int>()->default_value(2), "threads")("json", "a JSON object instead of text");
  add_data_options(all);
  const auto given = parse(all, arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const StoredModel model = load_model((*given)["model-file"].as<std::string>());
  const Split split = read_split(data_options(*given));
  check_same_data(model, split);
  const auto recommender = make_recommender(model, threads);
  const RankingResult result = evaluate_split(*recommender, model.name, split, model.seen, k, threads);
  if (given->contains("json"))
    std::cout << json_line(to_json(result));
  else
    std::cout << to_text(result) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
