// What the commands know of a task: how its examples are read, and how its models are fitted, asked
// and kept.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/training/fit_examples.h>

#include "examples.h"

namespace tapegrad::apps {

// The task of a training, with the examples that it read.
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  virtual std::vector<ClassifierRow> rows() const = 0;
  // Throws OptionError for settings of a model that do not go together.
  virtual void check(const std::string& model, const ModelSettings& settings) const = 0;

  virtual void read(const boost::program_options::variables_map& given, Progress& progress) = 0;
  const Examples& examples() const { return examples_; }
  // Of what its models read of the examples that train.
  virtual std::string fingerprint(std::span<const Index> some) const = 0;

  struct Fitted {
    std::unique_ptr<StoredClassifier> model;
    int epochs = 0;  // 0 for a model without epochs
  };
  virtual Fitted fit(const std::string& model, const ModelSettings& settings,
                     const ExampleFitOptions& options, std::span<const Index> some,
                     Progress& progress) const = 0;
  // Of a model that it fitted; [examples, model.width()].
  virtual std::vector<double> outputs(const StoredClassifier& model, std::span<const Index> some,
                                      int threads) const = 0;
  virtual void save(const std::string& path, StoredClassifier& model) const = 0;

 protected:
  TrainingTask() = default;
  TrainingTask(const TrainingTask&) = delete;
  TrainingTask& operator=(const TrainingTask&) = delete;

  Examples examples_;
};

// The names of the tasks.
const std::vector<std::string>& task_names();
// Throws OptionError, which lists the names, for another name.
std::unique_ptr<TrainingTask> make_task(const std::string& name);
// The options about labels, and about what single tasks read: --text and those of pictures.
void add_task_options(boost::program_options::options_description& description);

// Throws OptionError where an option is given that other tasks have and this one has not; it has no
// effect `where`, such as "with task text".
void refuse_options_of_others(const boost::program_options::variables_map& given,
                              const std::string& task, const std::string& where);
// --max-megapixels, and what it says in pixels.
void add_megapixels_option(boost::program_options::options_description& description);
std::size_t max_pixels(const boost::program_options::variables_map& given);
// The options of pictures that need no labels.
void add_image_options(boost::program_options::options_description& description);

// A saved model of some task.
class SavedClassifier {
 public:
  virtual ~SavedClassifier() = default;
  virtual const StoredClassifier& model() const = 0;
  virtual std::string task() const = 0;

  struct Question {
    bool needs_labels = false;
    std::string id{};            // a column that is read beside, or empty
    bool wants_vectors = false;  // what the last layer reads, in place of outputs
    int threads = 1;
  };
  struct Answer {
    std::vector<NamedColumn> labels;  // by target; none unless they were needed
    // The fields of the column that is read beside; without it the files of pictures, and of other
    // examples numbers from 1 on.
    std::vector<std::string> ids;
    std::vector<double> outputs;  // [examples, model().width()], or [examples, vector_width()]
  };
  // Of the examples of --data.
  virtual Answer ask(const boost::program_options::variables_map& given, const Question& question,
                     Progress& progress) const = 0;
  // The outputs of the one example that --input gives: a text, or the file of a picture. Throws
  // OptionError for a model that has no use for it.
  virtual std::vector<double> ask_one(const boost::program_options::variables_map& given,
                                      int threads) const = 0;
  // How many numbers the last layer reads; 0 for a model without such vectors.
  virtual Index vector_width() const { return 0; }

 protected:
  SavedClassifier() = default;
  SavedClassifier(const SavedClassifier&) = delete;
  SavedClassifier& operator=(const SavedClassifier&) = delete;
};

// Throws Error for a file that is none of a classifier.
std::unique_ptr<SavedClassifier> load_classifier(const std::string& path);

}  // namespace tapegrad::apps
