// tg-sequence evaluate
#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/evaluation/result.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {

namespace po = boost::program_options;

int run_evaluate(const std::vector<std::string>& arguments) {
  po::options_description all = options_group("tg-sequence evaluate: judges a saved model");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "k", po::value<int>()->value_name("N")->default_value(0),
      "how long the list is that is judged; 0 stands for 20, and with task next-item for 10")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "do not print what was read")("json", "print a JSON object instead of text");
  add_data_options(all);
  const auto given = parse(all, arguments);
  if (!given) return 0;
  const int wanted = bounded(*given, "k", 0, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const StoredSequenceModel model = load_sequence_model((*given)["model-file"].as<std::string>());
  const bool histories = model.task == "next-item";
  refuse_other_task(*given, histories);
  const int k = wanted > 0 ? wanted : (histories ? 10 : 20);
  SequenceSplit split;
  Progress progress(given->contains("quiet"));
  SessionReader reader(*given, histories, model.min_rating,
                       "with a model that was trained without --min-rating", progress);
  const auto protocol =
      given->contains("protocol") ? (*given)["protocol"].as<std::string>() : model.protocol;
  if (histories && (protocol == "none" || model.protocol == "none"))
    throw DataError(
        "with protocol none all events train: nothing is left to evaluate the model on");
  if (histories) {
    const std::vector<std::string> sources = needed(*given, "data", model.task);
    split = history_split(reader.read(sources), protocol, model.seed);
    const std::string own = hexadecimal(fingerprint(split.training));
    if (own != model.fingerprint)
      throw DataError(fmt::format("{}: the model was trained on data {}, these are data {}",
                                  displayed_all(sources), model.fingerprint, own));
  } else {
    refuse_given(*given, {"query"}, "with task sessions: --test-query asks the database of --test");
    const std::vector<std::string> sources = needed(*given, "test", model.task);
    split.protocol = "sessions";
    split.judged =
        reader.read_test(sources, model.training.items, model.unlearnt, model.fingerprint);
    split.cases = next_item_cases(split.judged);
  }
  std::cerr << reader.told();
  const auto predictor = make_predictor(model);
  const NextItemMetrics metrics =
      evaluate_next_items(*predictor, split.cases, model.training.items.size(), k, threads);
  if (given->contains("json"))
    std::cout << json_line(result_json(model.name, metrics, split, model.fingerprint));
  else
    std::cout << result_text(model.name, metrics, split) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
