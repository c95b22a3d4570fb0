// tg-recommend evaluate
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/model_file.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// The model's numbers of the data's ids must be the same, which they are for the data that it was
// trained on.
void check_same_data(const StoredModel& model, const Split& split) {
  if (model.protocol != split.protocol)
    throw OptionError(
        fmt::format("the model was trained with protocol {}, and is not evaluated with protocol {}",
                    model.protocol, split.protocol));
  if (model.fingerprint != split.fingerprint)
    throw DataError(fmt::format("the model was trained on data {} ({}), these are data {}",
                                model.fingerprint, model.described, split.fingerprint));
}

po::options_description description() {
  po::options_description all(
      "tg-recommend evaluate: judges a saved model on the test part of the data that it was "
      "trained on");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->required(), "a file that train wrote")(
      "k", po::value<int>()->default_value(10), "length of the list that is judged")(
      "threads", po::value<int>()->default_value(2), "threads")(
      "quiet", "do not say what was read")("json", "a JSON object instead of text");
  add_data_options(all, "the model's");
  return all;
}

}  // namespace

int run_evaluate(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const StoredModel model = load_model((*given)["model-file"].as<std::string>());
  if (model.protocol == "none")
    throw DataError(
        "the model was trained on all events (protocol none): nothing of its data is left to "
        "evaluate it on");
  Progress progress(given->contains("quiet"));
  DataOptions options =
      data_options(*given, {.protocol = model.protocol,
                            .repeats = model.repeats,
                            .likes = model.likes,
                            .unrated = "with a model that was trained without --min-rating"});
  // Those that features made known have no events here either.
  options.more_users = &model.users;
  options.more_items = &model.items;
  const ReadData data = read_data(options, progress);
  check_same_data(model, data.split);
  std::cerr << data.told;
  const RankingResult result =
      evaluate_split(*make_recommender(model), model.name, data.split, k, threads);
  if (given->contains("json"))
    std::cout << json_line(to_json(result));
  else
    std::cout << to_text(result) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
