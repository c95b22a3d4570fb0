// tg-sequence explain
#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/explain_command.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/explanation/event_explanation.h>
#include <tapegrad/apps/models/purchase_file.h>
#include <tapegrad/apps/models/sequence_file.h>

#include "asked_histories.h"
#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description explain_description() {
  po::options_description all =
      options_group("tg-sequence explain: which earlier events moved a prediction");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "history", po::value<std::string>()->value_name("IDS")->required(),
      "the ids of the items that somebody had, oldest first, with commas or blanks between "
      "(required)")("item", po::value<std::string>()->value_name("ID"),
                    "the id of the item whose score as the next one is explained (required but "
                    "with a model of purchases)");
  add_explain_options(all, "events");
  return all;
}

// What is explained: the history, and how it is scored.
struct Explained {
  AskedHistory asked;
  std::string title;
  std::function<double(const History&)> score;
  // Empty for a model without gradients.
  std::function<Tensor(Tape&, const History&, const Tensor&)> score_of_strengths;
};

Explanation explain(const po::variables_map& given, const Explained& explained,
                    const std::string& model) {
  const History history{.items = explained.asked.items};
  if (is_by_gradients(given)) {
    if (!explained.score_of_strengths)
      throw OptionError(fmt::format(
          "--method gradients needs a neural network, and {} is none: --method leave-out", model));
    return explain_events_by_gradients(explained.score_of_strengths, history);
  }
  if (history.size() < 2)
    throw DataError(
        fmt::format("--history has one event that {} knows, without which nothing is "
                    "predicted: expected two or more, or --method gradients",
                    model));
  return explain_events_by_leaving_out(explained.score, history);
}

void show(const po::variables_map& given, const Explained& explained, const std::string& model,
          const IdMap& items, nlohmann::json head) {
  std::cerr << explained.asked.told;
  const auto id_of = [&](const InputPart& part) {
    return items.name(explained.asked.items[static_cast<std::size_t>(part.number)]);
  };
  show_explanation(given, explain(given, explained, model),
                   {.title = explained.title,
                    .parts = "events",
                    .name =
                        [&](const InputPart& part) {
                          return fmt::format("{} (event {})", id_of(part), part.number + 1);
                        },
                    .json =
                        [&](const InputPart& part) {
                          return nlohmann::json{{"event", part.number + 1}, {"item", id_of(part)}};
                        },
                    .head = std::move(head)});
}

void explain_purchase(const po::variables_map& given, const std::string& path) {
  const StoredPurchaseModel model = load_purchase_model(path);
  refuse_given(given, {"item"}, "with a model of purchases");
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}, {}; the score is the logit of a purchase\n", path, model.name,
                             model.described);
  model.parameters->settle();
  const auto score = [&](Tape& tape, const History& history, const Tensor& strengths) {
    return sum(model.model->logits(tape, {&history, 1}, strengths)) * (1.0 / model.temperature);
  };
  Tape tape({.threads = 1, .training = false});
  const auto value = [&](const History& history) {
    tape.clear();
    return score(tape, history, {}).item();
  };
  show(given,
       {.asked = asked_histories(given, model.items, {}).front(),
        .title = "purchase",
        .score = value,
        .score_of_strengths = score},
       model.name, model.items, {{"purchase", true}});
}

}  // namespace

int run_explain(const std::vector<std::string>& arguments) {
  const auto given = parse(explain_description(), arguments);
  if (!given) return 0;
  bounded(*given, "k", 1, 1000000);
  is_by_gradients(*given);
  const auto path = (*given)["model-file"].as<std::string>();
  if (given->contains("svg")) check_files({path}, {(*given)["svg"].as<std::string>()});
  if (is_purchase_file(path)) {
    explain_purchase(*given, path);
    return 0;
  }
  if (!given->contains("item"))
    throw OptionError("explain needs --item, the id of the item whose score is explained");
  const StoredSequenceModel model = load_sequence_model(path);
  const IdMap& items = model.training.items;
  const std::string id(trimmed((*given)["item"].as<std::string>()));
  const auto item = static_cast<std::int32_t>(items.find(id));
  if (item < 0 || std::ranges::binary_search(model.unlearnt, item))
    throw DataError(
        fmt::format("{}: expected an item that the model knows, got {}", path, in_quotes(id)));
  if (!given->contains("quiet"))
    std::cerr << fmt::format("{}: {} of {} items, {}\n", path, model.name, items.size(),
                             model.described);
  const auto predictor = make_predictor(model);
  const auto value = [&](const History& history) {
    std::vector<float> scores(static_cast<std::size_t>(items.size()));
    predictor->score({&history, 1}, scores);
    return static_cast<double>(scores[static_cast<std::size_t>(item)]);
  };
  Explained explained{.asked = asked_histories(*given, items, model.unlearnt).front(),
                      .title = id,
                      .score = value,
                      .score_of_strengths = nullptr};
  if (model.model)
    explained.score_of_strengths = [&](Tape& tape, const History& history,
                                       const Tensor& strengths) {
      const Tensor logits =
          model.model->logits(model.model->states(tape, {&history, 1}, strengths));
      return slice(logits, 1, item, item + 1);
    };
  show(*given, explained, model.name, items, {{"item", id}});
  return 0;
}

}  // namespace tapegrad::apps
