#include <tapegrad/apps/classification/labelled_texts.h>

#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

std::vector<ColumnRule> rules_of(const LabelledTextOptions& options) {
  // Without a header the text is in the first column, and the label in the second.
  std::vector<ColumnRule> rules = {{.role = "label",
                                    .choice = options.label_column,
                                    .known_names = class_names,
                                    .position = options.needs_labels ? 2 : 0,
                                    .required = options.needs_labels}};
  for (const std::string& column : options.text_columns)
    rules.push_back({.role = "text", .choice = column, .known_names = {}, .required = true});
  if (options.text_columns.empty())
    rules.push_back({.role = "text",
                     .choice = {},
                     .known_names = labelled_text_names,
                     .position = 1,
                     .required = true});
  return rules;
}

}  // namespace

LabelledTexts read_labelled_texts(std::span<const std::string> locations,
                                  const LabelledTextOptions& options) {
  const std::vector<ColumnRule> rules = rules_of(options);
  LabelledTexts read;
  read.report = read_table(locations, options.table, rules, [&](TableReader& reader) {
    if (reader.has(0)) {
      const std::string_view label = trimmed(reader.field(reader.column(0)));
      if (label.empty() && options.needs_labels) {
        ++read.without_label;
        reader.leave_out();
        return;
      }
      read.labels.emplace_back(label);
    }
    std::string text;
    for (std::size_t rule = 1; rule < rules.size(); ++rule) {
      const std::string_view field = trimmed(reader.field(reader.column(rule)));
      if (field.empty()) continue;
      if (!text.empty()) text += '\n';
      text += field;
    }
    if (text.empty()) ++read.without_text;
    read.texts.push_back(std::move(text));
  });
  if (read.texts.empty())
    throw DataError(fmt::format("{}: expected rows with {}, got none", displayed_all(locations),
                                options.needs_labels ? "a text and a label" : "a text"));
  return read;
}

}  // namespace tapegrad::apps
