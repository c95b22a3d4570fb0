#include <tapegrad/apps/data/feature_table.h>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

EntityRows read_rows(const std::string& path, Entity entity, const TableOptions& options,
                     ReadReport* report) {
  const bool is_item = entity == Entity::item;
  const std::array rules = {is_item ? column_rule(options, "item.id", item_table_names, 1, true)
                                    : column_rule(options, "user.id", user_table_names, 1, true)};
  EntityRows raw;
  const ReadReport read = read_table(std::span(&path, 1), options, rules, [&](TableReader& reader) {
    if (raw.columns.empty()) raw.columns = reader.header();
    raw.id_column = reader.column(0);
    raw.column_count = static_cast<Index>(reader.fields().size());
    const auto id = read_id(reader, 0, is_item ? "an item" : "a user");
    if (!id) return;
    if (raw.ids.find(*id) >= 0) {
      ++raw.repeated;
      return;
    }
    raw.ids.insert(*id);
    raw.rows.emplace_back(reader.fields().begin(), reader.fields().end());
  });
  if (report != nullptr) *report = read;
  require_rows(path, is_item ? "items" : "users", read);
  return raw;
}

Index column_of(const EntityRows& raw, const std::string& name, const std::string& feature,
                const std::string& path) {
  const ColumnRule rule{.role = feature, .choice = name, .known_names = {}};
  return resolve_columns({&rule, 1}, raw.columns, raw.column_count, path).front();
}

// The names of the columns of a range that have a 1, with '|' between.
std::string flags_of(const EntityRows& raw, std::size_t row, Index first, Index last,
                     const std::string& feature, const std::string& path) {
  std::string text;
  for (Index column = first; column <= last; ++column) {
    const std::string_view field = trimmed(raw.rows[row][static_cast<std::size_t>(column)]);
    if (field.empty() || field == "0") continue;
    if (field != "1")
      throw DataError(fmt::format("{}: expected 0 or 1 in the columns of {}, got {} in column {}",
                                  path, feature, in_quotes(field), column + 1));
    const std::string name = raw.columns.empty() ? std::to_string(column + 1)
                                                 : raw.columns[static_cast<std::size_t>(column)];
    text += (text.empty() ? "" : "|") + name;
  }
  return text;
}

std::vector<FeatureChoice> all_columns(const EntityRows& raw, const std::string& path) {
  if (raw.columns.empty())
    throw DataError(fmt::format(
        "{}: its columns have no names; --features says which are features, such as year=3", path));
  std::vector<FeatureChoice> choices;
  for (Index column = 0; column < raw.column_count; ++column) {
    const std::string& name = raw.columns[static_cast<std::size_t>(column)];
    if (column == raw.id_column) continue;
    if (std::ranges::count(choices, name, &FeatureChoice::name) > 0)
      throw DataError(fmt::format("{}: expected one column {}, got two", path, in_quotes(name)));
    choices.push_back({.name = name, .first = std::to_string(column + 1), .last = {}});
  }
  return choices;
}

// The fields of a chosen feature by row; those of 0/1 columns as words.
std::vector<std::string> fields_of(const EntityRows& raw, const FeatureChoice& choice,
                                   const std::string& path) {
  const Index first = column_of(raw, choice.first, choice.name, path);
  const Index last = choice.last.empty() ? first : column_of(raw, choice.last, choice.name, path);
  std::vector<std::string> fields;
  for (std::size_t row = 0; row < raw.rows.size(); ++row)
    fields.push_back(choice.last.empty() ? raw.rows[row][static_cast<std::size_t>(first)]
                                         : flags_of(raw, row, first, last, choice.name, path));
  return fields;
}

// The choices in the order of a model's encoders.
std::vector<FeatureChoice> known_choices(std::span<const FeatureChoice> given,
                                         const std::vector<FeatureEncoder>& known,
                                         const std::string& path) {
  std::vector<FeatureChoice> choices;
  for (const FeatureChoice& choice : given) {
    if (std::ranges::count(known, choice.name, &FeatureEncoder::name) == 0)
      throw DataError(fmt::format("{}: the model was trained without a feature {}", path,
                                  in_quotes(choice.name)));
  }
  for (const FeatureEncoder& encoder : known) {
    const auto choice = std::ranges::find(given, encoder.name(), &FeatureChoice::name);
    if (given.empty())
      choices.push_back({.name = encoder.name(), .first = encoder.name(), .last = {}});
    else if (choice != given.end())
      choices.push_back(*choice);
  }
  return choices;
}

}  // namespace

FeatureTable read_feature_table(const std::string& path, Entity entity,
                                std::span<const FeatureChoice> choices, const TableOptions& options,
                                ReadReport* report, const std::vector<FeatureEncoder>* known) {
  return feature_table_of(read_rows(path, entity, options, report), choices, path, known);
}

FeatureTable feature_table_of(const EntityRows& raw, std::span<const FeatureChoice> given,
                              const std::string& path, const std::vector<FeatureEncoder>* known) {
  std::vector<FeatureChoice> choices(given.begin(), given.end());
  if (known != nullptr)
    choices = known_choices(given, *known, path);
  else if (choices.empty())
    choices = all_columns(raw, path);
  FeatureTable table;
  table.ids = raw.ids;
  table.rows.resize(raw.rows.size());
  if (raw.repeated > 0)
    table.notes.push_back(
        fmt::format("{} rows have an id that came before: the first row counts", raw.repeated));
  Index place = 0;
  const auto add = [&](FeatureEncoder encoder, std::span<const std::string> fields) {
    std::size_t same = 0;
    for (std::size_t row = 0; row < fields.size(); ++row)
      same += trimmed(fields[row]) == raw.ids.name(static_cast<Index>(row)) ? 1 : 0;
    if (2 * same > fields.size()) table.like_ids.push_back(encoder.name());
    for (std::size_t row = 0; row < fields.size(); ++row)
      encoder.encode(fields[row], place, table.rows[row]);
    place += encoder.width();
    table.encoders.push_back(std::move(encoder));
  };
  if (known != nullptr) {
    for (const FeatureEncoder& encoder : *known) {
      const auto choice = std::ranges::find(choices, encoder.name(), &FeatureChoice::name);
      add(encoder,
          choice == choices.end() ? std::vector<std::string>() : fields_of(raw, *choice, path));
    }
    return table;
  }
  for (const FeatureChoice& choice : choices) {
    const std::vector<std::string> fields = fields_of(raw, choice, path);
    const auto kind = choice.last.empty() ? choice.kind : std::optional(FeatureKind::categories);
    const std::vector<std::string_view> views(fields.begin(), fields.end());
    FeatureEncoder encoder(choice.name, views, kind);
    if (encoder.width() == 0)
      table.notes.push_back(fmt::format(
          "the feature {} is left out: it is missing or the same for all", in_quotes(choice.name)));
    else
      add(std::move(encoder), fields);
  }
  if (table.encoders.empty())
    throw DataError(fmt::format("{}: expected a feature that tells rows apart, got none", path));
  return table;
}

EntityFeatures FeatureTable::features_of(const IdMap& entities) const {
  std::vector<std::vector<FeatureEntry>> own(static_cast<std::size_t>(entities.size()));
  for (Index entity = 0; entity < entities.size(); ++entity) {
    const Index row = ids.find(entities.name(entity));
    if (row >= 0) own[static_cast<std::size_t>(entity)] = rows[static_cast<std::size_t>(row)];
  }
  return {encoders, own};
}

}  // namespace tapegrad::apps
