// tg-recommend explain
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/explain_command.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/explanation/integrated_gradients.h>
#include <tapegrad/apps/explanation/leave_one_out.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/neural_model.h>

#include "commands.h"
#include "histories.h"
#include "pseudonym_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description explain_description() {
  po::options_description all = options_group(
      "tg-recommend explain: which past items and which features moved the score of an item");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "item", po::value<std::string>()->value_name("ID")->required(),
      "the id of the item whose score is explained (required)")(
      "user", po::value<std::string>()->value_name("ID"),
      "the id of a user whom the model was trained with and whom the score is for")(
      "history", po::value<std::string>()->value_name("IDS"),
      "the ids of the items that somebody has whom the score is for, with commas or blanks "
      "between");
  add_explain_options(all, "items and features");
  add_pseudonym_option(all);
  return all;
}

// Whom the score is for: the history, what its items weigh, and the user where it is one.
struct Known {
  std::vector<std::int32_t> items;
  std::vector<float> weights;
  std::int32_t user = -1;

  Subject subject() const { return {user, {items, weights}}; }
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
  const Index user = find_user(model, pseudonyms_of(given, model), id);
  const bool has_features = user >= 0 && model.user_features && model.user_features->has_row(user);
  if (!is_known_user(*model.seen, user) && !has_features)
    throw DataError(
        fmt::format("expected a user with events that were trained on, or with features, got {}",
                    in_quotes(id)));
  known.user = static_cast<std::int32_t>(user);
  const auto items = model.seen->of(user);
  const auto weights = model.seen->weights_of(user);
  known.items.assign(items.begin(), items.end());
  known.weights.assign(weights.begin(), weights.end());
  return known;
}

bool is_feature(const InputPart& part) {
  return part.kind == InputKind::user_feature || part.kind == InputKind::item_feature;
}

// The network of the model, null for a model that is fitted at once.
const InteractionModel* network_of(const StoredModel& model) {
  const auto* neural = dynamic_cast<const NeuralModel*>(model.fitted.get());
  return neural == nullptr ? nullptr : &neural->model();
}

Explanation explain_gradients(const StoredModel& model, const Subject& subject, std::int32_t item) {
  const InteractionModel* network = network_of(model);
  if (network == nullptr)
    throw OptionError(
        fmt::format("--method gradients needs a neural network, and {} is none: --method leave-out",
                    model.name));
  if (network->input_parts(subject, item).empty())
    throw OptionError(fmt::format(
        "--method gradients: {} has no gradient by the items of a history of nobody whom it was "
        "trained with: --user, or --method leave-out",
        model.name));
  return explain_by_gradients(*network, subject, item);
}

// By what the network takes in, where that has the history in it; otherwise by the history, as far
// as it can be scored, and the features.
Explanation explain_left_out(const StoredModel& model, const Subject& subject, std::int32_t item) {
  const InteractionModel* network = network_of(model);
  std::vector<InputPart> parts;
  if (network != nullptr) parts = network->input_parts(subject, item);
  const auto has_kind = [&](InputKind kind) {
    return std::ranges::count(parts, kind, &InputPart::kind) > 0;
  };
  if (subject.user >= 0 && has_kind(InputKind::history))
    return explain_by_leaving_out(*network, subject, item);
  const auto recommender = make_recommender(model);
  std::vector<float> scores(static_cast<std::size_t>(model.items.size()));
  const bool scores_history = recommender->score_person(subject.history, scores);
  const bool has_features = std::ranges::any_of(parts, is_feature);
  if (!scores_history && has_features) return explain_by_leaving_out(*network, subject, item);
  Explanation found =
      explain_by_leaving_out(*recommender, subject.history, item, model.items.size());
  if (!has_features) return found;
  for (const Contribution& one : explain_by_leaving_out(*network, subject, item).contributions) {
    if (is_feature(one.part)) found.contributions.push_back(one);
  }
  finish(found, 0.0);  // sorts them; histories and features have no common sum
  return found;
}

std::string name_of_item(const StoredModel& model, std::int32_t item) {
  const std::string& id = model.items.name(item);
  if (model.titles.empty()) return id;
  const std::string& title = model.titles[static_cast<std::size_t>(item)];
  return title == id ? id : fmt::format("{}  {}", id, title);
}

const char* kind_name(InputKind kind) {
  switch (kind) {
    case InputKind::user:
      return "user";
    case InputKind::user_feature:
      return "user feature";
    case InputKind::history:
      return "history";
    case InputKind::behaviour:
      return "behaviour";
    case InputKind::item:
      return "item";
    case InputKind::item_feature:
      return "item feature";
    case InputKind::item_bias:
      return "item bias";
    case InputKind::event:
    case InputKind::token:
    case InputKind::region:
      break;  // of ordered histories and of texts, which no model here has
  }
  return "";
}

std::string name_of_part(const StoredModel& model, const InputPart& part) {
  switch (part.kind) {
    case InputKind::user:
      return "what was learnt of the user";
    case InputKind::user_feature:
      return "of the user: " + model.user_features->place_name(part.number);
    case InputKind::history:
      return name_of_item(model, part.number);
    case InputKind::behaviour:
      return "behaviour: " + name_of_item(model, part.number);
    case InputKind::item:
      return "what was learnt of the item";
    case InputKind::item_feature:
      return "of the item: " + model.item_features->place_name(part.number);
    case InputKind::item_bias:
      return "how popular the item is with everybody";
    case InputKind::event:
    case InputKind::token:
    case InputKind::region:
      break;
  }
  return "";
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments) {
  const auto given = parse(explain_description(), arguments);
  if (!given) return 0;
  bounded(*given, "k", 1, 1000000);
  is_by_gradients(*given);
  const auto path = (*given)["model-file"].as<std::string>();
  if (given->contains("svg")) check_files({path}, {(*given)["svg"].as<std::string>()});
  const StoredModel model = load_model(path);
  const std::string id(trimmed((*given)["item"].as<std::string>()));
  const Index item = model.items.find(id);
  if (item < 0)
    throw DataError(
        fmt::format("{}: expected an item that the model knows, got {}", path, in_quotes(id)));
  const Known known = history_of(*given, model);
  const auto number = static_cast<std::int32_t>(item);
  Explanation found = is_by_gradients(*given) ? explain_gradients(model, known.subject(), number)
                                              : explain_left_out(model, known.subject(), number);
  const bool is_history = std::ranges::all_of(found.contributions, [](const Contribution& one) {
    return one.part.kind == InputKind::history;
  });
  const auto json_of = [&](const InputPart& part) {
    nlohmann::json entry = {{"kind", kind_name(part.kind)}};
    if (part.kind == InputKind::history) entry["item"] = model.items.name(part.number);
    return entry;
  };
  show_explanation(*given, std::move(found),
                   {.title = name_of_item(model, number),
                    .parts = is_history ? "items of the history" : "items and features",
                    .name = [&](const InputPart& part) { return name_of_part(model, part); },
                    .json = json_of,
                    .head = {{"item", id}}});
  return 0;
}

}  // namespace tapegrad::apps
