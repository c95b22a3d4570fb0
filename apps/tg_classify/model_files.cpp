#include "model_files.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// Whether two targets are of the same classes, or both numbers.
bool are_alike(const Target& one, const Target& other) {
  if (one.name != other.name || one.number.has_value() != other.number.has_value() ||
      one.classes.size() != other.classes.size())
    return false;
  for (Index c = 0; c < one.classes.size(); ++c) {
    if (one.classes.name(c) != other.classes.name(c)) return false;
  }
  return true;
}

// What all members have in common, with outputs that say their means: the logarithms of
// probabilities, and numbers as they are.
StoredClassifier common_model(const std::vector<std::unique_ptr<SavedClassifier>>& members) {
  StoredClassifier all;
  std::vector<std::string> names;
  for (const auto& member : members) names.push_back(member->model().name);
  all.name = fmt::format("mean of {}", fmt::join(names, ", "));
  all.described = members.front()->model().described;
  all.targets = members.front()->model().targets;
  for (std::size_t t = 0; t < all.targets.size(); ++t) {
    Target& target = all.targets[t];
    target.temperature = 1.0;
    target.threshold = 0.0;
    for (const auto& member : members)
      target.threshold +=
          member->model().targets[t].threshold / static_cast<double>(members.size());
    if (target.number) target.number = OutputScale{};
  }
  return all;
}

class Ensemble : public SavedClassifier {
 public:
  explicit Ensemble(std::vector<std::unique_ptr<SavedClassifier>> members)
      : members_(std::move(members)), model_(common_model(members_)) {}

  const StoredClassifier& model() const override { return model_; }
  std::string task() const override { return members_.front()->task(); }

  Answer ask(const po::variables_map& given, const Question& question,
             Progress& progress) const override {
    for (const std::string& source : sources_of(given, "data")) {
      if (source == "-" || std::filesystem::is_fifo(source))
        throw OptionError(
            fmt::format("--data {}: several models read the examples one after another: expected "
                        "a file, not a pipe",
                        source));
    }
    Answer all = members_.front()->ask(given, question, progress);
    std::vector<std::vector<double>> outputs{std::move(all.outputs)};
    // What was told of the examples is not told again.
    po::variables_map quiet = given;
    quiet.insert({"quiet", po::variable_value(boost::any(std::string()), false)});
    for (std::size_t m = 1; m < members_.size(); ++m) {
      Progress silent(true);
      Answer own = members_[m]->ask(quiet, question, silent);
      if (own.ids != all.ids) throw DataError("the models read different examples of the data");
      outputs.push_back(std::move(own.outputs));
    }
    all.outputs = mean_of(outputs);
    return all;
  }

  std::vector<double> ask_one(const po::variables_map& given, int threads) const override {
    std::vector<std::vector<double>> outputs;
    for (const auto& member : members_) outputs.push_back(member->ask_one(given, threads));
    return mean_of(outputs);
  }

 private:
  std::vector<double> mean_of(const std::vector<std::vector<double>>& outputs) const {
    const auto width = static_cast<std::size_t>(model_.width());
    const std::size_t examples = outputs.front().size() / width;
    std::vector<double> mean(outputs.front().size(), 0.0);
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const StoredClassifier& own = members_[m]->model();
      // Of each target, [examples, its width].
      std::vector<std::vector<double>> said;
      if (own.predicts_numbers()) {
        said = own.numbers(outputs[m]);
      } else {
        for (ClassPredictions& predictions : own.predictions(outputs[m]))
          said.push_back(std::move(predictions.probabilities));
      }
      std::size_t first = 0;
      for (std::size_t t = 0; t < said.size(); ++t) {
        const auto columns = static_cast<std::size_t>(model_.targets[t].width());
        for (std::size_t i = 0; i < examples; ++i) {
          for (std::size_t c = 0; c < columns; ++c)
            mean[i * width + first + c] +=
                said[t][i * columns + c] / static_cast<double>(members_.size());
        }
        first += columns;
      }
    }
    if (!model_.predicts_numbers()) {
      constexpr double least = 1e-300;
      for (double& probability : mean) probability = std::log(std::max(probability, least));
    }
    return mean;
  }

  std::vector<std::unique_ptr<SavedClassifier>> members_;
  StoredClassifier model_;
};

}  // namespace

void add_model_files_option(po::options_description& description) {
  description.add_options()(
      "model-file",
      po::value<std::vector<std::string>>()->multitoken()->value_name("FILE...")->required(),
      "the file of the model, as train wrote it, or those of several that predict the same, whose "
      "probabilities or numbers are averaged (required)");
}

std::vector<std::string> model_files(const po::variables_map& given) {
  const auto paths = given["model-file"].as<std::vector<std::string>>();
  for (auto path = paths.begin(); path != paths.end(); ++path) {
    if (std::find(paths.begin(), path, *path) != path)
      throw OptionError(fmt::format("--model-file: {} is named twice", in_quotes(*path)));
  }
  return paths;
}

std::unique_ptr<SavedClassifier> load_classifiers(const std::vector<std::string>& paths) {
  std::vector<std::unique_ptr<SavedClassifier>> members;
  for (const std::string& path : paths) members.push_back(load_classifier(path));
  if (members.size() == 1) return std::move(members.front());
  const std::vector<Target>& first = members.front()->model().targets;
  for (std::size_t m = 1; m < members.size(); ++m) {
    if (members[m]->task() != members.front()->task())
      throw OptionError(fmt::format("--model-file: {} is of task {}, and {} of task {}", paths[m],
                                    members[m]->task(), paths[0], members[0]->task()));
    if (!std::ranges::equal(members[m]->model().targets, first, are_alike))
      throw OptionError(
          fmt::format("--model-file: {} does not predict the same targets and classes as {}",
                      paths[m], paths[0]));
  }
  return std::make_unique<Ensemble>(std::move(members));
}

}  // namespace tapegrad::apps
