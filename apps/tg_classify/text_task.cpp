// Texts with labels.
#include <utility>

#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/training/fit_text.h>

#include "tasks.h"
#include "text_reading.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

class TextTask : public TrainingTask {
 public:
  std::vector<ClassifierRow> rows() const override {
    return {text_rows().begin(), text_rows().end()};
  }
  void check(const std::string& model, const ModelSettings& settings) const override {
    check_settings(text_row(model), settings);
  }

  void read(const po::variables_map& given, Progress& progress) override {
    refuse_options_of_others(given, "text", "with task text");
    if (!is_given(given, "tokens") || given["tokens"].as<std::string>() != "byte-pairs")
      refuse_given(given, {"merges"}, "without --tokens byte-pairs");
    const ExampleSources sources = example_sources(given);
    const LabelledTextOptions options{.text_columns = columns_of(given, "text"),
                                      .label_columns = columns_of(given, "label")};
    LabelledTexts training = read_texts(given, sources.training, options, progress), test;
    if (!sources.test.empty()) test = read_texts(given, sources.test, options, progress);
    examples_ = examples_of(given, sources, training.labels, test.labels);
    columns_ = std::move(training.text_columns);
    texts_ = std::move(training.texts);
    texts_.insert(texts_.end(), test.texts.begin(), test.texts.end());
  }

  std::string fingerprint(std::span<const Index> some) const override {
    return text_fingerprint(texts_, examples_.truth, some);
  }

  Fitted fit(const std::string& name, const ModelSettings& settings,
             const ExampleFitOptions& options, std::span<const Index> some,
             Progress& progress) const override {
    auto model = std::make_unique<TextClassifier>();
    model->name = name;
    const int epochs = fit_text(*model, texts_, examples_.truth, examples_.targets, some,
                                {.settings = settings, .examples = options}, progress);
    return {std::move(model), epochs};
  }

  std::vector<double> outputs(const StoredClassifier& model, std::span<const Index> some,
                              int threads) const override {
    std::vector<std::string> own;
    for (const Index i : some) own.push_back(texts_[static_cast<std::size_t>(i)]);
    return text_outputs(static_cast<const TextClassifier&>(model), own, threads);
  }

  void save(const std::string& path, StoredClassifier& model) const override {
    auto& own = static_cast<TextClassifier&>(model);
    own.text_columns = columns_;
    save_text_classifier(path, own);
  }

 private:
  std::vector<std::string> texts_, columns_;
};

class SavedText : public SavedClassifier {
 public:
  explicit SavedText(const std::string& path) : model_(load_text_classifier(path)) {
    if (model_.parameters) model_.parameters->settle();
  }
  const StoredClassifier& model() const override { return model_; }
  std::string task() const override { return "text"; }

  Index vector_width() const override { return model_.network ? model_.network->width() : 0; }

  std::vector<double> ask_one(const po::variables_map& given, int threads) const override {
    const auto text = given["input"].as<std::string>();
    if (!is_valid_utf8(text)) throw OptionError("--input is not UTF-8");
    return text_outputs(model_, {&text, 1}, threads);
  }

  Answer ask(const po::variables_map& given, const Question& question,
             Progress& progress) const override {
    refuse_options_of_others(given, "text", "with a model of texts");
    LabelledTextOptions options{.text_columns = columns_of(given, "text"),
                                .label_columns = columns_of(given, "label"),
                                .needs_labels = question.needs_labels};
    if (options.text_columns.empty()) options.text_columns = model_.text_columns;
    // A table without a header has its label where the training had it.
    if (options.label_columns.empty() && question.needs_labels && !model_.text_columns.empty()) {
      for (const Target& target : model_.targets) options.label_columns.push_back(target.name);
    }
    if (!question.id.empty()) options.other_columns.push_back(question.id);
    LabelledTexts read = read_texts(given, sources_of(given, "data"), options, progress);
    Answer answer;
    if (question.needs_labels) answer.labels = std::move(read.labels);
    if (question.id.empty()) {
      for (std::size_t i = 1; i <= read.texts.size(); ++i) answer.ids.push_back(std::to_string(i));
    } else {
      answer.ids = std::move(read.others.front().fields);
    }
    answer.outputs = question.wants_vectors ? text_vectors(model_, read.texts, question.threads)
                                            : text_outputs(model_, read.texts, question.threads);
    return answer;
  }

 private:
  TextClassifier model_;
};

}  // namespace

std::unique_ptr<TrainingTask> make_text_task() { return std::make_unique<TextTask>(); }
std::unique_ptr<SavedClassifier> load_text_task(const std::string& path) {
  return std::make_unique<SavedText>(path);
}

}  // namespace tapegrad::apps
