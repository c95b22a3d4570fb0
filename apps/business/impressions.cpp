#include <tapegrad/apps/business/impressions.h>

#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

constexpr std::size_t item_rule = 0, click_rule = 1, purchase_rule = 2, price_rule = 3,
                      propensity_rule = 4, position_rule = 5, user_rule = 6, impression_rule = 7;

constexpr std::array<std::string_view, 3> click_names = {"click", "clicked", "isclick"};
constexpr std::array<std::string_view, 4> purchase_names = {"purchase", "purchased", "conversion",
                                                            "bought"};
constexpr std::array<std::string_view, 3> propensity_names = {"propensity", "propensityscore",
                                                              "pscore"};

// Adds rows; nothing where one is malformed and bad lines are skipped.
class Builder {
 public:
  explicit Builder(const TableOptions& options) : options_(options) {}

  void add(TableReader& reader) {
    const auto item = read_id(reader, item_rule, "an item");
    if (!item) return;
    const auto click = flag(reader, click_rule, "click");
    if (!click) return;
    const auto purchase = flag(reader, purchase_rule, "purchase");
    if (!purchase) return;
    const auto propensity = read_propensity(reader);
    if (!propensity) return;
    const auto position = read_position(reader);
    if (!position) return;
    log_.items.push_back(static_cast<std::int32_t>(log_.item_ids.insert(*item)));
    log_.clicks.push_back(*click);
    log_.positions.push_back(*position);
    if (reader.has(purchase_rule)) log_.purchases.push_back(*purchase);
    if (reader.has(propensity_rule)) log_.propensities.push_back(*propensity);
    if (reader.has(user_rule))
      log_.users.push_back(static_cast<std::int32_t>(
          log_.user_ids.insert(trimmed(reader.field(reader.column(user_rule))))));
    if (reader.has(impression_rule))
      log_.contexts.push_back(static_cast<std::int32_t>(
          log_.context_ids.insert(trimmed(reader.field(reader.column(impression_rule))))));
    if (reader.has(price_rule)) add_price(reader, *purchase > 0.0F);
  }

  Impressions log_;

 private:
  std::optional<float> flag(TableReader& reader, std::size_t rule, const char* name) {
    if (!reader.has(rule)) return 0.0F;
    const std::string_view field = trimmed(reader.field(reader.column(rule)));
    const std::optional<double> number = parse_number(field);
    if (number && (*number == 0.0 || *number == 1.0)) return static_cast<float>(*number);
    reader.reject(reader.column(rule),
                  fmt::format("expected 0 or 1 for {}, got {}", name, in_quotes(field)));
    return std::nullopt;
  }

  std::optional<double> read_propensity(TableReader& reader) {
    if (!reader.has(propensity_rule)) return 0.0;
    const std::string_view field = reader.field(reader.column(propensity_rule));
    const std::optional<double> number = parse_number(field);
    constexpr double least = 1e-9;  // whose weights can still be squared and summed
    if (number && *number >= least && *number <= 1.0) return number;
    reader.reject(reader.column(propensity_rule),
                  fmt::format("expected a propensity from 1e-9 to 1, got {}", in_quotes(field)));
    return std::nullopt;
  }

  std::optional<std::int32_t> read_position(TableReader& reader) {
    if (!reader.has(position_rule)) return 1;
    const std::string_view field = reader.field(reader.column(position_rule));
    const std::optional<double> number = parse_number(field);
    constexpr double most = 1e6;
    if (number && *number >= 0.0 && *number <= most && *number == std::floor(*number))
      return static_cast<std::int32_t>(*number);
    reader.reject(reader.column(position_rule),
                  fmt::format("expected a whole number for position, got {}", in_quotes(field)));
    return std::nullopt;
  }

  void add_price(const TableReader& reader, bool is_purchase) {
    const float price = read_amount(reader, price_rule, options_);
    const bool is_price = price > 0.0F && std::isfinite(price);
    if (!is_price && is_purchase) ++log_.unpriced;
    log_.prices.push_back(is_price ? price : 0.0F);
  }

  const TableOptions& options_;
};

}  // namespace

Impressions read_impressions(std::span<const std::string> locations, const TableOptions& options,
                             ReadReport* report) {
  const std::array rules = {column_rule(options, "item", item_names, 0, true),
                            column_rule(options, "click", click_names, 0, true),
                            column_rule(options, "purchase", purchase_names, 0, false),
                            column_rule(options, "price", price_names, 0, false),
                            column_rule(options, "propensity", propensity_names, 0, false),
                            column_rule(options, "position", position_names, 0, false),
                            column_rule(options, "user", user_names, 0, false),
                            column_rule(options, "impression", impression_names, 0, false)};
  Builder builder(options);
  const ReadReport read =
      read_table(locations, options, rules, [&](TableReader& reader) { builder.add(reader); });
  if (report != nullptr) *report = read;
  require_rows(displayed_all(locations), "impressions", read);
  return std::move(builder.log_);
}

}  // namespace tapegrad::apps
