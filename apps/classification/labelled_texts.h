// Tables of texts with labels.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

struct LabelledTextOptions {
  TableOptions table{.source = {.trusts_quotes = true}};
  // Columns whose fields make a text, one after the other with a line's end between, by name or
  // number; none: a column with one of the usual names, such as "text", "review" or "question".
  std::vector<std::string> text_columns{};
  // The columns of labels, which classify a text each in its own way; none: one with one of the
  // usual names, such as "label" or "category".
  std::vector<std::string> label_columns{};
  // Columns that are read beside, by name or number.
  std::vector<std::string> other_columns{};
  bool needs_labels = true;
};

// The fields of a column, by row.
struct NamedColumn {
  std::string name;  // as it was asked for, or in the header
  std::vector<std::string> fields;
};

struct LabelledTexts {
  std::vector<std::string> texts;
  std::vector<NamedColumn> labels;  // none where the table has no column of them
  std::vector<NamedColumn> others;
  std::vector<std::string> text_columns;  // their names; none of a table without a header
  Index without_label = 0;                // rows that were left out since a label is blank
  Index without_text = 0;                 // rows that are there, with an empty text
  ReadReport report;
};

// Without needs_labels a label may be blank. Throws DataError as read_table() does, for a column
// that is not there, and for a table without rows.
LabelledTexts read_labelled_texts(std::span<const std::string> locations,
                                  const LabelledTextOptions& options);

}  // namespace tapegrad::apps
