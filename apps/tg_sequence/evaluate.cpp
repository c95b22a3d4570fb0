// tg-sequence evaluate
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/purchase_file.h>

#include "commands.h"
#include "data_options.h"
#include "language.h"
#include "purchase.h"
#include "read_split.h"
#include "result.h"

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
  add_sequence_data_options(all, false);
  const auto given = parse(all, arguments);
  if (!given) return 0;
  const int wanted = bounded(*given, "k", 0, 1000000);
  const int threads = bounded(*given, "threads", 1, 1024);
  const auto path = (*given)["model-file"].as<std::string>();
  if (is_purchase_file(path)) return evaluate_purchase(*given);
  if (is_language_file(path)) return evaluate_language(*given, all);
  const StoredSequenceModel model = load_sequence_model(path);
  const SequenceDataOptions data = sequence_data_options(*given, model);
  const int k = wanted > 0 ? wanted : (data.histories ? 10 : 20);
  if (data.protocol == "none")
    throw DataError(
        "with protocol none all events train: nothing is left to evaluate the model on");
  Progress progress(given->contains("quiet"));
  SequenceReader reader(*given, data,
                        {.min_rating = model.min_rating, .event_weights = model.event_weights},
                        "with a model that was trained without --min-rating", progress);
  const SequenceSplit split = reader.split_for(model);
  std::cerr << reader.told();
  const std::vector<RankedNext> ranked =
      rank_next_items(*make_predictor(model), split.cases, model.training.items.size(), threads);
  if (given->contains("json"))
    std::cout << json_line(result_json(model.name, ranked, k, split, model.fingerprint));
  else
    std::cout << result_text(model.name, ranked, k, split) << '\n';
  return 0;
}

}  // namespace tapegrad::apps
