// The models of tables: what the commands know of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/tables/table_network.h>

namespace tapegrad::apps {

struct TableRow : ClassifierRow {
  // Makes a network: `shape` has the fields and the width of all inputs, `outputs` is the width of
  // the last layer.
  std::unique_ptr<TableNetwork> (*make)(const ModelSettings& settings, const Scope& scope,
                                        const TableInputs& shape, Index outputs) = nullptr;
};

const std::vector<TableRow>& table_rows();
// Throws OptionError, which lists the names, for a name that no row has.
const TableRow& table_row(const std::string& name);

// Throws OptionError for settings that do not go together.
void check_settings(const TableRow& row, const ModelSettings& settings);

FieldOptions field_options(const ModelSettings& settings);

}  // namespace tapegrad::apps
