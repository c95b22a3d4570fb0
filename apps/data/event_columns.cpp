#include <tapegrad/apps/data/event_columns.h>

#include <utility>

#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

constexpr int bits_of_a_number = 32;

}  // namespace

EntityColumns::EntityColumns(std::vector<std::string> names)
    : names_(std::move(names)), columns_(names_.size()) {}

void EntityColumns::add(std::string_view id, std::size_t column, std::string_view field) {
  const std::string_view text = trimmed(field);
  if (text.empty()) return;
  const auto entity = static_cast<std::uint64_t>(ids_.insert(id));
  Column& own = columns_[column];
  const auto number = static_cast<std::uint64_t>(own.fields.insert(text));
  ++own.counts[entity << bits_of_a_number | number];
}

EntityRows EntityColumns::rows() const {
  EntityRows result{
      .columns = names_,
      .ids = ids_,
      .rows = std::vector<std::vector<std::string>>(static_cast<std::size_t>(ids_.size()),
                                                    std::vector<std::string>(names_.size())),
      .column_count = static_cast<Index>(names_.size())};
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    struct Best {
      std::int64_t events = 0;
      std::uint64_t field = 0;
    };
    std::vector<Best> best(result.rows.size());
    for (const auto& [key, events] : columns_[column].counts) {
      Best& own = best[key >> bits_of_a_number];
      const std::uint64_t field = key & 0xFFFFFFFFU;
      if (events > own.events || (events == own.events && field < own.field)) own = {events, field};
    }
    for (std::size_t entity = 0; entity < best.size(); ++entity) {
      if (best[entity].events > 0)
        result.rows[entity][column] =
            columns_[column].fields.name(static_cast<Index>(best[entity].field));
    }
  }
  return result;
}

EventColumns::EventColumns(const ColumnChoices& choices, bool has_items, bool has_users)
    : items(has_items ? std::vector<std::string>() : choices.features_of("item.")),
      users(has_users ? std::vector<std::string>() : choices.features_of("user.")) {}

}  // namespace tapegrad::apps
