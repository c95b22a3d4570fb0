#include "predictions_file.h"

#include <fmt/format.h>

#include <tapegrad/apps/data/csv_field.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_predictions_option(po::options_description& description) {
  description.add_options()(
      "predictions", po::value<std::string>()->value_name("FILE"),
      "a CSV file to write what the model says of each tested example to: the number of the "
      "example "
      "among those that are read (of --test, among the test's), its fold, and for each target the "
      "true label, empty where the training does not have it, and the probability of each class, "
      "or "
      "the predicted number; default: none");
}

std::string predictions_csv(const Examples& examples, std::span<const Target> targets,
                            std::span<const TestedClassifier> tested) {
  std::string csv = "example,fold";
  for (const Target& target : targets) {
    csv += fmt::format(",{}", csv_field(target.name));
    if (target.number) csv += fmt::format(",{}", csv_field(target.name + " predicted"));
    for (Index c = 0; c < target.classes.size(); ++c)
      csv += fmt::format(",{}", csv_field(target.name + " " + target.classes.name(c)));
  }
  csv += '\n';
  for (std::size_t round = 0; round < tested.size(); ++round) {
    const std::vector<Index>& test = examples.rounds[round].test;
    // A test of its own stands after the training.
    const Index first = examples.rounds.size() == 1 && !examples.is_split
                            ? static_cast<Index>(examples.rounds.front().training.size())
                            : 0;
    for (std::size_t i = 0; i < test.size(); ++i) {
      csv += fmt::format("{},{}", test[i] - first + 1, round + 1);
      for (const NumberPredictions& own : tested[round].number_predictions)
        csv += fmt::format(",{},{}", own.truth[i], own.predicted[i]);
      for (std::size_t t = 0; t < tested[round].predictions.size(); ++t) {
        const ClassPredictions& own = tested[round].predictions[t];
        const Index truth = own.truth[i];
        csv += fmt::format(",{}", truth < 0 ? "" : csv_field(targets[t].classes.name(truth)));
        for (const double probability : own.row(static_cast<Index>(i)))
          csv += fmt::format(",{:.9g}", probability);
      }
      csv += '\n';
    }
  }
  return csv;
}

}  // namespace tapegrad::apps
