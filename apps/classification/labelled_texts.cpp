#include <tapegrad/apps/classification/labelled_texts.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

// Rules of labels, of texts and of other columns, one after another.
struct Rules {
  std::vector<ColumnRule> all;
  std::size_t labels = 0, texts = 0;  // how many there are
};

Rules rules_of(const LabelledTextOptions& options) {
  Rules rules;
  const auto add = [&](std::string_view role, const std::vector<std::string>& columns,
                       bool required) {
    for (const std::string& column : columns)
      rules.all.push_back({.role = role,
                           .choice = column,
                           .known_names = {},
                           .required = required,
                           .may_share = role == "other"});
  };
  add("label", options.label_columns, options.needs_labels);
  // Without a header the text is in the first column, and the label in the second.
  if (options.label_columns.empty())
    rules.all.push_back({.role = "label",
                         .choice = {},
                         .known_names = class_names,
                         .position = options.needs_labels ? 2 : 0,
                         .required = options.needs_labels});
  rules.labels = rules.all.size();
  add("text", options.text_columns, true);
  if (options.text_columns.empty())
    rules.all.push_back({.role = "text",
                         .choice = {},
                         .known_names = labelled_text_names,
                         .position = 1,
                         .required = true});
  rules.texts = rules.all.size() - rules.labels;
  add("other", options.other_columns, true);
  return rules;
}

std::string name_of(const ColumnRule& rule, const TableReader& reader, Index column) {
  const std::vector<std::string>& header = reader.header();
  if (!header.empty()) return header[static_cast<std::size_t>(column)];
  return rule.choice.empty() ? std::string(rule.role) : std::string(rule.choice);
}

}  // namespace

LabelledTexts read_labelled_texts(std::span<const std::string> locations,
                                  const LabelledTextOptions& options) {
  const Rules rules = rules_of(options);
  LabelledTexts read;
  const auto add = [&](std::vector<NamedColumn>& columns, const TableReader& reader,
                       std::size_t rule, std::size_t place, std::string_view field) {
    if (columns.size() <= place)
      columns.push_back({name_of(rules.all[rule], reader, reader.column(rule)), {}});
    columns[place].fields.emplace_back(field);
  };
  read.report = read_table(locations, options.table, rules.all, [&](TableReader& reader) {
    const auto field = [&](std::size_t rule) { return trimmed(reader.field(reader.column(rule))); };
    if (options.needs_labels) {
      for (std::size_t rule = 0; rule < rules.labels; ++rule) {
        if (!field(rule).empty()) continue;
        ++read.without_label;
        reader.leave_out();
        return;
      }
    }
    std::size_t place = 0;
    for (std::size_t rule = 0; rule < rules.labels; ++rule) {
      if (reader.has(rule)) add(read.labels, reader, rule, place++, field(rule));
    }
    if (read.texts.empty() && !reader.header().empty()) {
      for (std::size_t rule = rules.labels; rule < rules.labels + rules.texts; ++rule)
        read.text_columns.push_back(name_of(rules.all[rule], reader, reader.column(rule)));
    }
    std::string text;
    for (std::size_t rule = rules.labels; rule < rules.labels + rules.texts; ++rule) {
      if (field(rule).empty()) continue;
      if (!text.empty()) text += '\n';
      text += field(rule);
    }
    if (text.empty()) ++read.without_text;
    read.texts.push_back(std::move(text));
    for (std::size_t rule = rules.labels + rules.texts; rule < rules.all.size(); ++rule)
      add(read.others, reader, rule, rule - rules.labels - rules.texts, field(rule));
  });
  if (read.texts.empty())
    throw DataError(fmt::format("{}: expected rows with {}, got none", displayed_all(locations),
                                options.needs_labels ? "a text and a label" : "a text"));
  return read;
}

}  // namespace tapegrad::apps
