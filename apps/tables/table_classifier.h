// A trained model of tables.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/linear_model.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/tables/table_network.h>

namespace tapegrad::apps {

struct TableClassifier : StoredClassifier {  // of table_row.h
  TableEncoder encoder;
  std::unique_ptr<TableNetwork> network;  // of a network
  std::optional<LinearModel> linear;      // of any other model
};

// The outputs of rows, [rows, model.width()].
std::vector<double> table_outputs(const TableClassifier& model, const Records& records,
                                  int threads);

void save_table_classifier(const std::string& path, const TableClassifier& model);
// Throws Error for a file that is none of a table classifier.
TableClassifier load_table_classifier(const std::string& path);

}  // namespace tapegrad::apps
