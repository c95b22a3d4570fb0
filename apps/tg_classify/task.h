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
// The options of a task that no other task has: --text of texts, --features of tables.
void add_task_options(boost::program_options::options_description& description);

// A saved model of some task.
class SavedClassifier {
 public:
  virtual ~SavedClassifier() = default;
  virtual const StoredClassifier& model() const = 0;
  virtual std::string task() const = 0;

  struct Asked {
    std::vector<NamedColumn> labels;  // by target; none unless they were needed
    std::vector<std::string> ids;     // the fields of the column `id`, or numbers from 1 on
    std::vector<double> outputs;      // [examples, model().width()]
  };
  // Of the examples of --data. `id` is a column that is read beside, or empty.
  virtual Asked ask(const boost::program_options::variables_map& given, bool needs_labels,
                    const std::string& id, int threads, Progress& progress) const = 0;

 protected:
  SavedClassifier() = default;
  SavedClassifier(const SavedClassifier&) = delete;
  SavedClassifier& operator=(const SavedClassifier&) = delete;
};

// Throws Error for a file that is none of a classifier.
std::unique_ptr<SavedClassifier> load_classifier(const std::string& path);

}  // namespace tapegrad::apps
