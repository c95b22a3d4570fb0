// Pictures with labels.
#include <algorithm>
#include <iostream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/images/image_file.h>
#include <tapegrad/apps/images/image_row.h>
#include <tapegrad/apps/images/labelled_images.h>
#include <tapegrad/apps/training/fit_images.h>
#include <tapegrad/graph/printable.h>

#include "tasks.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

LabelledImageOptions image_options(const po::variables_map& given) {
  LabelledImageOptions options;
  options.table = plain_table_options(given);
  options.label_columns = columns_of(given, "label");
  if (given.contains("image")) options.image_column = given["image"].as<std::string>();
  if (given.contains("attributes")) options.attributes = given["attributes"].as<std::string>();
  options.skip_bad_images = given.contains("skip-bad-images");
  options.max_pixels = max_pixels(given);
  options.threads = bounded(given, "threads", 1, 1024);
  return options;
}

ImageShape shape_of(const po::variables_map& given) {
  ImageShape shape{.channels = 0, .size = 0};
  if (given.contains("size")) shape.size = bounded(given, "size", Index{1}, largest_image_size);
  if (!given.contains("colours")) return shape;
  const auto name = given["colours"].as<std::string>();
  if (name != "grey" && name != "rgb")
    throw OptionError(fmt::format("--colours must be grey or rgb, got {}", in_quotes(name)));
  shape.channels = name == "grey" ? 1 : 3;
  return shape;
}

LabelledImages read_images(const po::variables_map& given, const std::vector<std::string>& sources,
                           LabelledImageOptions options, Progress& progress) {
  options.table.source.query = query_of(given, "query", sources);
  progress.begin(displayed_all(sources));
  LabelledImages images = read_labelled_images(sources, options);
  progress.clear();
  const std::string where = displayed_all(sources);
  if (!given.contains("quiet"))
    std::cerr << fmt::format(
        "{}: read {} pictures, {} of {} x {} pixels{}\n", where, images.images.count(),
        images.images.shape.channels == 1 ? "grey" : "coloured", images.images.shape.size,
        images.images.shape.size,
        images.other_files == 0 ? std::string()
                                : fmt::format("; {} other files", images.other_files));
  if (images.without_label > 0)
    std::cerr << fmt::format("{}: left out {} rows without a label\n", where, images.without_label);
  if (!images.bad.empty())
    std::cerr << fmt::format("{}: left out {} pictures that cannot be read, the first: {}\n", where,
                             images.bad.size(), printable(images.bad.front()));
  return images;
}

class ImageTask : public TrainingTask {
 public:
  std::vector<ClassifierRow> rows() const override {
    return {image_rows().begin(), image_rows().end()};
  }
  void check(const std::string& model, const ModelSettings& settings) const override {
    check_settings(image_row(model), settings);
  }

  void read(const po::variables_map& given, Progress& progress) override {
    refuse_options_of_others(given, "images", "with task images");
    const ExampleSources sources = example_sources(given);
    LabelledImageOptions options = image_options(given);
    options.shape = shape_of(given);
    LabelledImages training = read_images(given, sources.training, options, progress), test;
    options.shape = training.images.shape;
    if (!sources.test.empty()) test = read_images(given, sources.test, options, progress);
    examples_ = examples_of(given, sources, training.labels, test.labels);
    images_ = std::move(training.images);
    images_.values.insert(images_.values.end(), test.images.values.begin(),
                          test.images.values.end());
  }

  std::string fingerprint(std::span<const Index> some) const override {
    return image_fingerprint(images_, examples_.truth, some);
  }

  Fitted fit(const std::string& name, const ModelSettings& settings,
             const ExampleFitOptions& options, std::span<const Index> some,
             Progress& progress) const override {
    auto model = std::make_unique<ImageClassifier>();
    model->name = name;
    const int epochs = fit_images(*model, images_, examples_.truth, examples_.targets, some,
                                  {.settings = settings, .examples = options}, progress);
    return {std::move(model), epochs};
  }

  std::vector<double> outputs(const StoredClassifier& model, std::span<const Index> some,
                              int threads) const override {
    ImageSet own{images_.shape, {}};
    for (const Index i : some) {
      const auto bytes = images_.of(i);
      own.values.insert(own.values.end(), bytes.begin(), bytes.end());
    }
    return image_outputs(static_cast<const ImageClassifier&>(model), own, threads);
  }

  void save(const std::string& path, StoredClassifier& model) const override {
    save_image_classifier(path, static_cast<ImageClassifier&>(model));
  }

 private:
  ImageSet images_;  // of the training, then of the test
};

class SavedImages : public SavedClassifier {
 public:
  explicit SavedImages(const std::string& path) : model_(load_image_classifier(path)) {
    model_.parameters->settle();
  }
  const StoredClassifier& model() const override { return model_; }
  std::string task() const override { return "images"; }

  Index vector_width() const override { return model_.network->width(); }

  std::vector<double> ask_one(const po::variables_map& given, int threads) const override {
    const auto path = given["input"].as<std::string>();
    const ImageSet images{model_.shape, fitted(read_image(path, max_pixels(given)), model_.shape)};
    return image_outputs(model_, images, threads);
  }

  Answer ask(const po::variables_map& given, const Question& question,
             Progress& progress) const override {
    refuse_options_of_others(given, "images", "with a model of pictures");
    LabelledImageOptions options = image_options(given);
    options.shape = model_.shape;
    options.needs_labels = question.needs_labels;
    options.id_column = question.id;
    LabelledImages read = read_images(given, sources_of(given, "data"), options, progress);
    Answer answer;
    if (question.needs_labels) answer.labels = std::move(read.labels);
    answer.ids = std::move(read.ids);
    answer.outputs = question.wants_vectors ? image_vectors(model_, read.images, question.threads)
                                            : image_outputs(model_, read.images, question.threads);
    return answer;
  }

 private:
  ImageClassifier model_;
};

}  // namespace

std::unique_ptr<TrainingTask> make_image_task() { return std::make_unique<ImageTask>(); }
std::unique_ptr<SavedClassifier> load_image_task(const std::string& path) {
  return std::make_unique<SavedImages>(path);
}

}  // namespace tapegrad::apps
