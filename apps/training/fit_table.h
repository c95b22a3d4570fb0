// From a table with labels to a trained model.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/tables/table_classifier.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {

struct TableFitOptions {
  ModelSettings settings;
  std::vector<std::string> columns;          // that are looked at
  std::map<std::string, FieldKind> kinds{};  // of columns whose kind is given
  ExampleFitOptions examples;
};

// Of some rows and their labels.
std::string table_fingerprint(const Records& records, std::span<const std::string> columns,
                              std::span<const Labels> truth, std::span<const Index> some);

// Fits `model`, which has its name, to some of the rows; `truth` is by target, and `names` are the
// targets'. Gives the number of epochs, 0 for a linear model.
int fit_table(TableClassifier& model, const Records& records, std::span<const Labels> truth,
              std::span<const std::string> names, std::span<const Index> some,
              const TableFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
