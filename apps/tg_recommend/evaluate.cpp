// tg-recommend evaluate
#include <algorithm>
#include <cmath>
#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/report.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/tested_model.h>

#include "commands.h"
#include "feature_options.h"
#include "pseudonym_options.h"
#include "read_data.h"

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
  if (model.users.size() != split.training.user_ids.size() ||
      model.items.size() != split.training.item_ids.size())
    throw DataError(fmt::format(
        "the model knows {} users and {} items, by their features too, where {} and {} are "
        "expected",
        model.users.size(), model.items.size(), split.training.user_ids.size(),
        split.training.item_ids.size()));
}

po::options_description evaluate_description() {
  po::options_description all =
      options_group("tg-recommend evaluate: judges a saved model on the test part of its data");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "k", po::value<int>()->value_name("N")->default_value(10),
      "how long the list is that is judged, from 1 on")(
      "at", po::value<std::string>()->value_name("LENGTHS"),
      "further lengths of the list that --details measures at, with commas between, such as 5,20; "
      "default: none besides --k")(
      "details",
      "print all measures with 95 % intervals, at all lengths, also for items and users apart by "
      "how "
      "many events they have; and the coverage, Gini coefficient and novelty of the lists")(
      "against", po::value<std::string>()->value_name("FILE"),
      "the file of another model of the same data to compare with: prints the difference in NDCG, "
      "and ends with exit code 3 where this model is worse by more than --margin; default: none")(
      "margin", po::value<double>()->value_name("NUMBER")->default_value(0.0),
      "by how much the NDCG may be below that of --against, from 0 to 1")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "do not print what was read")("json", "print a JSON object instead of text");
  add_group_options(all);
  add_pseudonym_option(all);
  add_data_options(all, "the model's");
  return all;
}

std::vector<int> lengths(const po::variables_map& given, int k) {
  std::vector<int> ks{k};
  if (!given.contains("at")) return ks;
  if (!given.contains("details")) throw OptionError("--at has no effect without --details");
  for (const std::string& text : parse_ids(given["at"].as<std::string>())) {
    const auto number = parse_number(text);
    if (!number || *number < 1.0 || *number > 1e6 || *number != std::floor(*number))
      throw OptionError(
          fmt::format("--at: expected whole numbers from 1 on, got {}", in_quotes(text)));
    if (std::ranges::count(ks, static_cast<int>(*number)) == 0)
      ks.push_back(static_cast<int>(*number));
  }
  return ks;
}

}  // namespace

int run_evaluate(const std::vector<std::string>& arguments) {
  const auto given = parse(evaluate_description(), arguments);
  if (!given) return 0;
  const int k = bounded(*given, "k", 1, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const std::vector<int> ks = lengths(*given, k);
  const double margin = (*given)["margin"].as<double>();
  if (!(margin >= 0.0 && margin <= 1.0))
    throw OptionError(fmt::format("--margin must be within [0, 1], got {}", margin));
  if (!given->contains("against")) refuse_given(*given, {"margin"}, "without --against");
  const StoredModel model = load_model((*given)["model-file"].as<std::string>());
  if (model.protocol == "none")
    throw DataError(
        "the model was trained on all events that it has (protocol none, or after update or "
        "forget): "
        "nothing of its data is left to evaluate it on");
  Progress progress(given->contains("quiet"));
  DataOptions options =
      data_options(*given, {.protocol = model.protocol,
                            .repeats = model.repeats,
                            .likes = model.likes,
                            .excluded_items = model.excluded_items,
                            .uses_ratings = model.fitted->ratings() != nullptr,
                            .unrated = "with a model that was trained without --min-rating"});
  options.pseudonyms = pseudonyms_of(*given, model);
  // Those that features made known have no events here either.
  options.more_users = &model.users;
  options.more_items = &model.items;
  EventColumns columns = event_columns(*given);
  options.columns = &columns;
  const ReadData data = read_data(options, progress);
  check_same_data(model, data.split);
  std::cerr << data.told;
  const std::vector<Grouping> groupings =
      read_groupings(*given, columns, model.users, model.items, options.pseudonyms);
  const bool has_details = given->contains("details") || !groupings.empty();
  const TestedModel tested =
      test_model(model, data.split, k, has_details ? std::ranges::max(ks) : 0, threads);
  nlohmann::json json = to_json(tested.result);
  std::string text = to_text(tested.result) + '\n';
  if (has_details) {
    const Report report = make_report(tested.ranked, data.split, ks, groupings);
    add_report(json, report);
    text += to_text(report);
  }
  bool is_worse = false;
  if (given->contains("against")) {
    const auto path = (*given)["against"].as<std::string>();
    const StoredModel other = load_model(path);
    check_same_data(other, data.split);
    const Comparison comparison =
        compare(tested.ranked, test_model(other, data.split, k, 0, threads).ranked, k);
    is_worse = comparison.difference.mean < -margin;
    json["against"] = to_json(comparison, other.name);
    json["against"]["file"] = path;
    text += to_text(comparison, model.name, other.name) + '\n';
  }
  std::cout << (given->contains("json") ? json_line(json) : text);
  constexpr int worse = 3;
  return is_worse ? worse : 0;
}

}  // namespace tapegrad::apps
