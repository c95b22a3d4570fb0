#include <tapegrad/apps/data/features.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/pair_list.h>
#include <tapegrad/apps/data/time_format.h>

namespace tapegrad::apps {
namespace {

constexpr std::array<std::pair<std::string_view, FeatureKind>, 4> kind_names = {
    {{"number", FeatureKind::number},
     {"category", FeatureKind::category},
     {"categories", FeatureKind::categories},
     {"text", FeatureKind::text}}};

FeatureKind kind_of(std::string_view name) {
  for (const auto& [word, kind] : kind_names) {
    if (word == name) return kind;
  }
  throw OptionError(fmt::format("--features: expected number, category, categories or text, got {}",
                                in_quotes(name)));
}

std::string_view name_of(FeatureKind kind) {
  for (const auto& [word, own] : kind_names) {
    if (own == kind) return word;
  }
  return "";
}

// A number, or a date as its year with the part of the year.
std::optional<double> number_of(std::string_view field) {
  if (const auto number = parse_amount(field)) return number;
  constexpr double year = 31556952.0;
  static const std::array<TimeFormat, 4> forms = {TimeFormat(), TimeFormat("%d-%b-%Y"),
                                                  TimeFormat("%d %b %Y"), TimeFormat("%b %d, %Y")};
  for (const TimeFormat& form : forms) {
    if (const auto seconds = form.parse(field)) return 1970.0 + *seconds / year;
  }
  return std::nullopt;
}

// Numbers whose squares could not be summed say nothing.
std::optional<double> usable_number(std::string_view field) {
  constexpr double greatest = 1e30;
  const std::optional<double> number = number_of(field);
  return number && std::abs(*number) <= greatest ? number : std::nullopt;
}

bool is_word_character(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte >= 0x80 || is_digit(character) || (character >= 'a' && character <= 'z') ||
         is_capital(character);
}

std::vector<std::string> text_words(std::string_view field) {
  std::vector<std::string> words(1);
  for (const char character : field) {
    if (!is_word_character(character)) {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    words.back() += lower_case(character);
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::vector<std::string> separated(std::string_view field, char separator) {
  std::set<std::string> words;
  while (true) {
    const std::size_t end = std::min(field.find(separator), field.size());
    if (const auto word = trimmed(field.substr(0, end)); !word.empty()) words.emplace(word);
    if (end == field.size()) break;
    field.remove_prefix(end + 1);
  }
  return {words.begin(), words.end()};
}

std::vector<std::string_view> filled(std::span<const std::string_view> fields) {
  std::vector<std::string_view> some;
  for (const std::string_view field : fields) {
    if (!trimmed(field).empty()) some.push_back(trimmed(field));
  }
  return some;
}

// The separator that a tenth of the fields have, 0 without one.
char separator_of(std::span<const std::string_view> fields) {
  for (const char separator : {'|', ';', ','}) {
    const auto count = std::ranges::count_if(fields, [&](std::string_view field) {
      return field.find(separator) != std::string_view::npos;
    });
    if (10 * count >= static_cast<std::ptrdiff_t>(fields.size()) && count > 0) return separator;
  }
  return '\0';
}

FeatureKind detect_kind(std::span<const std::string_view> fields) {
  if (std::ranges::all_of(fields,
                          [](std::string_view field) { return number_of(field).has_value(); }))
    return FeatureKind::number;
  double words = 0.0;
  std::set<std::string_view> distinct(fields.begin(), fields.end());
  for (const std::string_view field : fields)
    words += static_cast<double>(text_words(field).size());
  const auto count = static_cast<double>(fields.size());
  const bool is_text = words / count >= 3.0 && static_cast<double>(distinct.size()) > 0.5 * count;
  if (separator_of(fields) == '|') return FeatureKind::categories;
  if (is_text) return FeatureKind::text;
  return separator_of(fields) != '\0' ? FeatureKind::categories : FeatureKind::category;
}

}  // namespace

std::vector<FeatureChoice> parse_features(std::string_view text) {
  std::vector<FeatureChoice> choices;
  for (const auto& [name, value] : parse_pairs(text, "--features", "year=3,genres=6-24")) {
    FeatureChoice choice{.name = name, .first = value, .last = {}};
    if (const std::size_t colon = value.rfind(':'); colon != std::string::npos) {
      choice.kind = kind_of(std::string_view(value).substr(colon + 1));
      choice.first = value.substr(0, colon);
    }
    // A range is of numbers: names may have dashes.
    const std::size_t dash = choice.first.find('-');
    const auto is_number = [](std::string_view part) {
      return !part.empty() && std::ranges::all_of(part, is_digit);
    };
    if (dash != std::string::npos && is_number(choice.first.substr(0, dash)) &&
        is_number(choice.first.substr(dash + 1))) {
      choice.last = choice.first.substr(dash + 1);
      choice.first.resize(dash);
    }
    if (std::ranges::count(choices, name, &FeatureChoice::name) > 0)
      throw OptionError(fmt::format("--features: the feature {} is given twice", in_quotes(name)));
    choices.push_back(std::move(choice));
  }
  return choices;
}

FeatureEncoder::FeatureEncoder(std::string name, std::span<const std::string_view> all_fields,
                               std::optional<FeatureKind> kind)
    : name_(std::move(name)) {
  const std::vector<std::string_view> fields = filled(all_fields);
  if (fields.empty()) {
    is_empty_ = true;
    return;
  }
  kind_ = kind ? *kind : detect_kind(fields);
  if (const char found = separator_of(fields); found != '\0') separator_ = found;
  // A feature that all have in the same way tells nobody apart.
  const bool is_constant =
      fields.size() == all_fields.size() &&
      std::ranges::all_of(fields, [&](std::string_view field) { return field == fields.front(); });
  if (is_constant) {
    is_empty_ = true;
  } else if (kind_ == FeatureKind::number) {
    learn_number(fields);
  } else {
    learn_words(fields);
  }
}

void FeatureEncoder::learn_number(std::span<const std::string_view> fields) {
  std::vector<double> values;
  for (const std::string_view field : fields) {
    if (const auto value = usable_number(field)) values.push_back(*value);
  }
  if (values.empty()) {
    is_empty_ = true;
    return;
  }
  std::ranges::sort(values);
  least_ = values.front();
  greatest_ = values.back();
  double sum = 0.0, squares = 0.0;
  for (const double value : values) sum += value;
  mean_ = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean_) * (value - mean_);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  deviation_ = deviation > 0.0 ? deviation : 1.0;
  constexpr std::size_t parts = 10;
  for (std::size_t part = 1; part < parts; ++part) {
    const double cut = values[part * values.size() / parts];
    if (cut > values.front() && (cuts_.empty() || cut > cuts_.back())) cuts_.push_back(cut);
  }
}

void FeatureEncoder::learn_words(std::span<const std::string_view> fields) {
  std::map<std::string, Index> rows_with;
  for (const std::string_view field : fields) {
    const std::vector<std::string> words = words_of(field);
    for (const std::string& word : std::set<std::string>(words.begin(), words.end()))
      ++rows_with[word];
  }
  const bool is_text = kind_ == FeatureKind::text;
  for (const auto& [word, rows] : rows_with) {
    if (is_text && rows < 2) continue;
    words_.insert(word);
    if (is_text)
      idf_.push_back(static_cast<float>(
          std::log(static_cast<double>(fields.size()) / static_cast<double>(rows))));
  }
}

std::vector<std::string> FeatureEncoder::words_of(std::string_view field) const {
  if (kind_ == FeatureKind::text) return text_words(field);
  if (kind_ == FeatureKind::categories) return separated(field, separator_);
  return {std::string(trimmed(field))};
}

Index FeatureEncoder::width() const {
  if (is_empty_) return 0;
  return kind_ == FeatureKind::number ? 2 + static_cast<Index>(cuts_.size()) : words_.size();
}

std::string FeatureEncoder::place_name(Index place) const {
  if (kind_ != FeatureKind::number) return fmt::format("{}={}", name_, words_.name(place));
  if (place == 0) return name_;
  const auto part = static_cast<std::size_t>(place - 1);
  if (cuts_.empty()) return name_ + " given";
  if (part == 0) return fmt::format("{} below {:.6g}", name_, cuts_[0]);
  if (part == cuts_.size()) return fmt::format("{} from {:.6g}", name_, cuts_.back());
  return fmt::format("{} from {:.6g} to {:.6g}", name_, cuts_[part - 1], cuts_[part]);
}

void FeatureEncoder::encode(std::string_view field, Index first,
                            std::vector<FeatureEntry>& row) const {
  if (is_empty_ || trimmed(field).empty()) return;
  const auto add = [&](Index place, double value) {
    row.push_back({static_cast<std::int32_t>(first + place), static_cast<float>(value)});
  };
  if (kind_ == FeatureKind::number) {
    const std::optional<double> given = usable_number(field);
    if (!given) return;
    const double value = std::clamp(*given, least_, greatest_);
    add(0, (value - mean_) / deviation_);
    add(1 + (std::ranges::upper_bound(cuts_, value) - cuts_.begin()), 1.0);
    return;
  }
  std::map<Index, double> counts;
  for (const std::string& word : words_of(field)) {
    if (const Index place = words_.find(word); place >= 0) counts[place] += 1.0;
  }
  double squares = 0.0;
  for (auto& [place, count] : counts) {
    if (kind_ == FeatureKind::text)
      count = (1.0 + std::log(count)) * static_cast<double>(idf_[static_cast<std::size_t>(place)]);
    squares += count * count;
  }
  if (squares == 0.0) return;
  for (const auto& [place, count] : counts) add(place, count / std::sqrt(squares));
}

nlohmann::json FeatureEncoder::to_json() const {
  std::vector<std::string> words;
  for (Index i = 0; i < words_.size(); ++i) words.push_back(words_.name(i));
  return {{"name", name_},
          {"kind", name_of(kind_)},
          {"empty", is_empty_},
          {"mean", mean_},
          {"deviation", deviation_},
          {"least", least_},
          {"greatest", greatest_},
          {"cuts", cuts_},
          {"words", words},
          {"separator", std::string(1, separator_)},
          {"idf", idf_}};
}

FeatureEncoder::FeatureEncoder(const nlohmann::json& json) {
  try {
    name_ = json.at("name").get<std::string>();
    kind_ = kind_of(json.at("kind").get<std::string>());
    is_empty_ = json.at("empty").get<bool>();
    mean_ = json.at("mean").get<double>();
    deviation_ = json.at("deviation").get<double>();
    least_ = json.at("least").get<double>();
    greatest_ = json.at("greatest").get<double>();
    cuts_ = json.at("cuts").get<std::vector<double>>();
    const auto separator = json.at("separator").get<std::string>();
    if (separator.size() != 1) throw DataError("a separator is not one character");
    separator_ = separator[0];
    for (const auto& word : json.at("words").get<std::vector<std::string>>()) words_.insert(word);
    idf_ = json.at("idf").get<std::vector<float>>();
  } catch (const nlohmann::json::exception& error) {
    throw DataError(fmt::format("its features are malformed: {}", error.what()));
  }
  const bool has_idf = kind_ == FeatureKind::text;
  if (!(deviation_ > 0.0) || !(least_ <= greatest_) || !std::ranges::is_sorted(cuts_) ||
      static_cast<Index>(idf_.size()) != (has_idf ? words_.size() : 0))
    throw DataError(fmt::format("its features are malformed: those of {}", in_quotes(name_)));
}

EntityFeatures::EntityFeatures(std::vector<FeatureEncoder> encoders,
                               const std::vector<std::vector<FeatureEntry>>& rows)
    : encoders_(std::move(encoders)), count_(static_cast<Index>(rows.size())) {
  for (const FeatureEncoder& encoder : encoders_) vocabulary_ += encoder.width();
  constexpr std::size_t longest = 64;
  std::size_t length = 1;
  for (const auto& row : rows) length = std::max(length, std::min(longest, row.size()));
  length_ = static_cast<Index>(length);
  places_.assign(rows.size() * length, 0);
  values_.assign(rows.size() * length, 0.0F);
  for (std::size_t entity = 0; entity < rows.size(); ++entity) {
    std::vector<FeatureEntry> row = rows[entity];
    if (row.size() > length) {
      std::ranges::stable_sort(row, [](const FeatureEntry& a, const FeatureEntry& b) {
        return std::abs(a.value) > std::abs(b.value);
      });
      row.resize(length);
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      places_[entity * length + i] = row[i].place;
      values_[entity * length + i] = row[i].value;
    }
  }
}

EntityFeatures::EntityFeatures(std::vector<FeatureEncoder> encoders, Index count, Index length,
                               std::vector<std::int32_t> places, std::vector<float> values)
    : encoders_(std::move(encoders)),
      count_(count),
      length_(length),
      places_(std::move(places)),
      values_(std::move(values)) {
  for (const FeatureEncoder& encoder : encoders_) vocabulary_ += encoder.width();
  const auto size = static_cast<std::size_t>(count_ * length_);
  const bool within = std::ranges::all_of(
      places_, [&](std::int32_t place) { return place >= 0 && place < vocabulary_; });
  const bool finite =
      std::ranges::all_of(values_, [](float value) { return std::isfinite(value); });
  if (length_ < 1 || places_.size() != size || values_.size() != size || !within || !finite)
    throw DataError(fmt::format(
        "its features must be {} rows of places within {} and finite values", count_, vocabulary_));
}

std::string EntityFeatures::place_name(Index place) const {
  for (const FeatureEncoder& encoder : encoders_) {
    if (place < encoder.width()) return encoder.place_name(place);
    place -= encoder.width();
  }
  throw DataError(fmt::format("there are {} features, not {}", vocabulary_, place + 1));
}

std::span<const std::int32_t> EntityFeatures::places(Index entity) const {
  return std::span(places_).subspan(static_cast<std::size_t>(entity * length_),
                                    static_cast<std::size_t>(length_));
}

std::span<const float> EntityFeatures::values(Index entity) const {
  return std::span(values_).subspan(static_cast<std::size_t>(entity * length_),
                                    static_cast<std::size_t>(length_));
}

bool EntityFeatures::has_row(Index entity) const {
  return std::ranges::any_of(values(entity), [](float value) { return value != 0.0F; });
}

void add_features(StableHash& hash, const EntityFeatures* features) {
  if (features == nullptr) return;
  for (Index entity = 0; entity < features->count(); ++entity) {
    for (const std::int32_t place : features->places(entity)) hash.add_int(place);
    for (const float value : features->values(entity)) hash.add_float(value);
  }
}

}  // namespace tapegrad::apps
