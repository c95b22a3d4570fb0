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
  // The column of labels; empty: one with one of the usual names, such as "label" or "category".
  std::string label_column{};
  bool needs_labels = true;
};

struct LabelledTexts {
  std::vector<std::string> texts;
  std::vector<std::string> labels;  // none where the table has no column of them
  Index without_label = 0;          // rows that were left out
  Index without_text = 0;           // rows that are there, with an empty text
  ReadReport report;
};

// Throws DataError as read_table() does, for a column that is not there, and for a table without
// rows.
LabelledTexts read_labelled_texts(std::span<const std::string> locations,
                                  const LabelledTextOptions& options);

}  // namespace tapegrad::apps
