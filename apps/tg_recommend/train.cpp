// tg-recommend train
#include <algorithm>
#include <chrono>
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/training/fit_interactions.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description model_options() {
  po::options_description model("Models; what is not given is the model's default");
  model.add_options()("factors", po::value<int>(),
                      "width of the embeddings: 192 for mf, 32 for the others")(
      "dropout", po::value<double>(),
      "part of the inputs that is dropped while training: 0.3 for mf, 0 for mlp and neumf")(
      "loss", po::value<std::string>(),
      "pointwise (against sampled negatives) or softmax (over all items, the default of mf)")(
      "batch", po::value<int>(),
      "pairs in a batch, negatives among them: 1280; with the softmax loss users: a number that "
      "fits")("negatives", po::value<int>(),
              "items sampled for each pair with the pointwise loss: 4")(
      "lambda", po::value<double>(),
      "regularisation of ease; not given: chosen on a validation split");
  return model;
}

po::options_description description() {
  po::options_description all(
      "tg-recommend train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  all.add_options()("model", po::value<std::string>()->required(),
                    "popularity, ease, mf, gmf, mlp or neumf")(
      "out", po::value<std::string>(),
      "a file to save the model to, as it was trained and evaluated")(
      "json", "the last line on stdout is a JSON object")("k", po::value<int>()->default_value(10),
                                                          "length of the list that is judged");
  add_data_options(all, "loo");
  add_min_rating(all);
  add_item_options(all);
  add_run_options(all);
  all.add(model_options()).add(loop_options_description());
  return all;
}

// What the model would not look at.
void refuse_without_effect(const po::variables_map& given, const std::string& model) {
  const std::string with_model = "with model " + model;
  if (model != "ease") refuse_given(given, {"lambda"}, with_model);
  if (model == "gmf") refuse_given(given, {"dropout"}, with_model);
  const bool chooses = model == "popularity" ? false
                       : model == "ease"     ? !given.contains("lambda")
                                             : !given.contains("epochs");
  if (given.contains("protocol") && given["protocol"].as<std::string>() == "none" && !chooses)
    refuse_given(given, {"k"}, "with protocol none where nothing is chosen by validation");
  if (model != "ease" && model != "popularity") return;
  std::vector<std::string> names = names_of(model_options());
  std::erase(names, "lambda");
  refuse_given(given, names, with_model);
  refuse_given(given, names_of(loop_options_description()), with_model);
}

// docs/results.md says what was tried for the defaults.
FitOptions fit_options(const po::variables_map& given) {
  FitOptions options;
  options.settings.name = given["model"].as<std::string>();
  check_recommender_name(options.settings.name);
  refuse_without_effect(given, options.settings.name);
  const bool is_mf = options.settings.name == "mf";
  options.k = bounded(given, "k", 1, 1000000);
  set_bounded(options.lambda, given, settings::lambda);
  const std::string loss =
      given.contains("loss") ? given["loss"].as<std::string>() : (is_mf ? "softmax" : "pointwise");
  if (loss != "pointwise" && loss != "softmax")
    throw OptionError(
        fmt::format("there is no loss {}; there are pointwise and softmax", in_quotes(loss)));
  const bool softmax = loss == "softmax";
  if (softmax && !is_mf)
    throw OptionError("the softmax loss needs a model that scores all items at once: mf");
  options.source.loss = softmax ? PairLoss::softmax : PairLoss::pointwise;
  if (softmax) refuse_given(given, {"negatives"}, "with the softmax loss");
  options.source.batch = softmax ? 0 : 1280;
  set_bounded(options.source.batch, given, "batch", 1, 1 << 20);
  set_bounded(options.source.negatives, given, "negatives", 1, 1000);
  options.loop = loop_options(given, {.max_epochs = is_mf ? 100 : 14,
                                      .patience = is_mf ? 10 : 3,
                                      .learning_rate = is_mf ? 0.003 : 0.0005,
                                      .weight_decay = is_mf ? 0.6 : 0.0,
                                      .average_decay = is_mf ? 0.99 : 0.9998,
                                      .average_every = softmax ? 1 : 32});
  options.source.seed = options.loop.seed;
  options.settings.dropout = is_mf ? 0.3 : 0.0;
  set_bounded(options.settings.dropout, given, settings::dropout);
  set_bounded(options.settings.factors, given, settings::factors);
  if (options.settings.name != "popularity" && options.settings.name != "ease")
    options.settings = with_defaults(options.settings);
  return options;
}

// What must be the same for a checkpoint to go on.
std::string identity_of(const FitOptions& options, const Split& split, const std::string& likes) {
  const ModelSettings& model = options.settings;
  const PairSourceOptions& source = options.source;
  return fmt::format(
      "model {}; factors {}; dropout {}; loss {}; batch {}; negatives {}; {}; protocol {}; k {}; "
      "data {}; likes {}",
      model.name, model.factors, model.dropout,
      source.loss == PairLoss::softmax ? "softmax" : "pointwise", source.batch, source.negatives,
      identity_of(options.loop), split.protocol, options.k, split.fingerprint, likes);
}

nlohmann::json result_json(const RankingResult& result, const FitOptions& options,
                           const FitResult& fitted, double seconds) {
  nlohmann::json json = to_json(result);
  json["epochs"] = fitted.epochs;
  json["seconds"] = seconds;
  json["seed"] = options.loop.seed;
  if (result.model == "ease") json["lambda"] = fitted.lambda;
  return json;
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  FitOptions options = fit_options(*given);
  const std::string item_table = item_table_of(*given);
  const DataOptions data =
      data_options(*given, "loo", min_rating_of(*given), "without --min-rating");
  std::vector<std::string> outputs = outputs_of(options.loop);
  if (given->contains("out")) outputs.push_back((*given)["out"].as<std::string>());
  std::vector<std::string> inputs = data_files(data);
  inputs.push_back(item_table);
  check_files(inputs, outputs);
  Progress progress(given->contains("quiet"));
  const ReadData read = read_data(data, progress);
  const Split& split = read.split;
  std::cerr << read.told;
  if (split.protocol == "ncf")
    options.validation_negatives = 99;
  else
    options.validation_users = 2000;
  options.loop.identity = identity_of(options, split, describe_likes(data.table.min_rating));
  StoredModel model;
  model.titles = read_titles(*given, split.training.item_ids);
  model.described = read.described;
  model.min_rating = data.table.min_rating;
  const FitResult fitted = fit_interactions(model, split, options, progress);
  if (given->contains("out")) {
    const auto out = (*given)["out"].as<std::string>();
    save_model(out, model);
    if (!given->contains("quiet"))
      std::cerr << fmt::format("{}: saved {}, {}\n", out, model.name, model.described);
  }
  const auto recommender = make_recommender(model);
  const RankingResult result =
      evaluate_split(*recommender, model.name, split, options.k, options.loop.threads);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (given->contains("json"))
    std::cout << json_line(result_json(result, options, fitted, seconds));
  else
    std::cout << to_text(result) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
