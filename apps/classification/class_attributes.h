// Attributes of classes, such as the sleeves of kinds of clothes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// What a table with a header says of the class of each example: its first column has the classes,
// `columns` are those that are wanted by name or number, all others where there are none. Throws
// DataError for a class that the table does not have, or has twice.
std::vector<NamedColumn> attributes_of(std::span<const std::string> classes,
                                       const std::string& path,
                                       std::span<const std::string> columns,
                                       const TableOptions& options);

}  // namespace tapegrad::apps
