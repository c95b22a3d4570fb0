#include <tapegrad/apps/tables/field_encoder.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/models/file_parts.h>

namespace tapegrad::apps {
namespace {

// A plain number has a point before its decimals unless the column has commas there.
std::optional<double> number_of(std::string_view field, DecimalSign sign) {
  const std::optional<double> plain = parse_number(field);
  return plain && sign != DecimalSign::comma ? plain : parse_amount(field, sign);
}

// The same within ±1e30, so that means and bins are finite; what is beyond says nothing.
std::optional<double> usable_number(std::string_view field, DecimalSign sign) {
  constexpr double greatest = 1e30;
  const std::optional<double> value = number_of(field, sign);
  return value && std::abs(*value) <= greatest ? value : std::nullopt;
}

// Whether the field begins as no number with commas between thousands does.
bool begins_with_zero_comma(std::string_view field) {
  const std::size_t first = field.starts_with('-') ? 1 : 0;
  return field.substr(first).starts_with("0,");
}

std::string_view word_of(std::string_view field) { return is_missing(field) ? "" : field; }

// The quantile of ascending values at a part from 0 to 1, between neighbours in proportion.
double quantile(const std::vector<double>& values, double part) {
  const double at = part * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

constexpr std::size_t kept_values = 1000;  // of the training, for quantile scaling

}  // namespace

bool is_missing(std::string_view field) {
  return field.empty() || field == "NA" || field == "N/A" || field == "NaN" || field == "nan" ||
         field == "NULL" || field == "null" || field == "?" || field == "inf" || field == "-inf" ||
         field == "Infinity" || field == "-Infinity";
}

std::optional<DecimalSign> decimal_sign_of(std::span<const std::string> fields,
                                           std::span<const Index> some) {
  bool has_number = false, point = true, comma = true;
  for (const Index row : some) {
    const std::string& field = fields[static_cast<std::size_t>(row)];
    if (is_missing(field)) continue;
    has_number = true;
    point = point && number_of(field, DecimalSign::point) && !begins_with_zero_comma(field);
    comma = comma && number_of(field, DecimalSign::comma);
  }
  if (!has_number || (!point && !comma)) return std::nullopt;
  return point ? DecimalSign::point : DecimalSign::comma;
}

FieldEncoder::FieldEncoder(std::string name, FieldKind kind, std::span<const std::string> fields,
                           std::span<const Index> some, const FieldOptions& options)
    : name_(std::move(name)), kind_(kind), scale_(options.scale) {
  const auto field = [&](Index row) -> const std::string& {
    return fields[static_cast<std::size_t>(row)];
  };
  is_constant_ = std::ranges::all_of(some, [&](Index row) { return field(row) == field(some[0]); });
  if (kind == FieldKind::number) {
    sign_ = decimal_sign_of(fields, some).value_or(DecimalSign::detect);
    std::vector<double> values;
    for (const Index row : some) {
      if (const auto value = usable_number(field(row), sign_)) values.push_back(*value);
    }
    learn_numbers(std::move(values), options);
    return;
  }
  std::map<std::string_view, Index> counts;
  for (const Index row : some) ++counts[word_of(field(row))];
  std::vector<std::pair<Index, std::string_view>> kept;
  for (const auto& [word, count] : counts) {
    if (count >= options.min_count) kept.emplace_back(-count, word);
  }
  if (static_cast<Index>(kept.size()) > options.hash_above) {
    buckets_ = options.hash_above;
    return;
  }
  std::ranges::sort(kept);
  for (const auto& [count, word] : kept) words_.insert(word);
}

void FieldEncoder::learn_numbers(std::vector<double> values, const FieldOptions& options) {
  if (values.empty()) values.push_back(0.0);
  std::ranges::sort(values);
  if (scale_ == NumberScale::standard) {
    const auto count = static_cast<double>(values.size());
    double mean = 0.0, squares = 0.0;
    for (const double value : values) mean += value / count;
    for (const double value : values) squares += (value - mean) * (value - mean) / count;
    shift_ = mean;
    factor_ = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  } else if (scale_ == NumberScale::min_max) {
    shift_ = values.front();
    factor_ = values.back() > values.front() ? 1.0 / (values.back() - values.front()) : 0.0;
  } else {
    const bool is_piecewise = scale_ == NumberScale::piecewise_linear;
    const std::size_t parts =
        is_piecewise ? static_cast<std::size_t>(options.bins) : kept_values - 1;
    for (std::size_t i = 0; i <= parts; ++i)
      edges_.push_back(quantile(values, static_cast<double>(i) / static_cast<double>(parts)));
    if (is_piecewise) edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    if (is_piecewise && edges_.size() < 2) edges_.push_back(edges_.front() + 1.0);
  }
  if (!std::isfinite(factor_)) factor_ = 0.0;
}

Index FieldEncoder::width() const {
  if (kind_ == FieldKind::category) return 1 + (buckets_ > 0 ? buckets_ : words_.size());
  if (scale_ == NumberScale::piecewise_linear) return static_cast<Index>(edges_.size());
  return 2;
}

void FieldEncoder::encode(std::string_view field, Index first,
                          std::vector<FeatureEntry>& row) const {
  const auto add = [&](Index place, double value) {
    row.push_back(
        {.place = static_cast<std::int32_t>(first + place), .value = static_cast<float>(value)});
  };
  if (kind_ == FieldKind::category) {
    const std::string_view word = word_of(field);
    if (buckets_ > 0) {
      StableHash hash;
      hash.add_text(word);
      add(1 + static_cast<Index>(mix_bits(hash.value()) % static_cast<std::uint64_t>(buckets_)),
          1.0);
    } else {
      add(1 + words_.find(word), 1.0);
    }
    return;
  }
  const auto value = usable_number(field, sign_);
  if (!value) return add(width() - 1, 1.0);
  switch (scale_) {
    case NumberScale::standard:
      add(0, std::clamp((*value - shift_) * factor_, -10.0, 10.0));
      break;
    case NumberScale::min_max:
      add(0, std::clamp((*value - shift_) * factor_, 0.0, 1.0));
      break;
    case NumberScale::quantile: {
      const auto [low, high] = std::equal_range(edges_.begin(), edges_.end(), *value);
      const double below =
          0.5 * static_cast<double>((low - edges_.begin()) + (high - edges_.begin()));
      add(0, below / static_cast<double>(edges_.size()));
      break;
    }
    case NumberScale::piecewise_linear:
      for (std::size_t t = 1; t < edges_.size() && *value > edges_[t - 1]; ++t)
        add(static_cast<Index>(t) - 1,
            std::min(1.0, (*value - edges_[t - 1]) / (edges_[t] - edges_[t - 1])));
      break;
  }
}

void FieldEncoder::put(nn::WeightFile& file, const std::string& prefix) const {
  put_texts(file, prefix + "name", 1, [&](Index) { return name_; });
  const std::vector<double> numbers = {
      kind_ == FieldKind::number ? 1.0 : 0.0, static_cast<double>(scale_), shift_, factor_,
      static_cast<double>(buckets_),          static_cast<double>(sign_)};
  put_list<double>(file, prefix + "numbers", numbers);
  put_list<double>(file, prefix + "edges", edges_);
  put_texts(file, prefix + "words", words_.size(), [&](Index i) { return words_.name(i); });
}

FieldEncoder FieldEncoder::get(const nn::WeightFile& file, const std::string& prefix) {
  FieldEncoder encoder;
  const auto fail = [&](const char* what) {
    throw Error(fmt::format("its {}{} is not as it was saved", prefix, what));
  };
  const std::vector<std::string> name = get_texts(file, prefix + "name");
  if (name.size() != 1) fail("name");
  encoder.name_ = name.front();
  const auto numbers = get_list<double>(file, prefix + "numbers");
  if (numbers.size() != 6 ||
      !std::ranges::all_of(numbers, [](double x) { return std::isfinite(x); }))
    fail("numbers");
  const auto is_one_of = [&](double value, int count) {
    return value >= 0.0 && value < count && value == std::floor(value);
  };
  if (!is_one_of(numbers[0], 2) || !is_one_of(numbers[1], 4) || !is_one_of(numbers[4], 1 << 30) ||
      !is_one_of(numbers[5], 3))
    fail("numbers");
  encoder.kind_ = numbers[0] == 1.0 ? FieldKind::number : FieldKind::category;
  encoder.scale_ = static_cast<NumberScale>(static_cast<int>(numbers[1]));
  encoder.shift_ = numbers[2];
  encoder.factor_ = numbers[3];
  encoder.buckets_ = static_cast<Index>(numbers[4]);
  encoder.sign_ = static_cast<DecimalSign>(static_cast<int>(numbers[5]));
  const auto edges = get_list<double>(file, prefix + "edges");
  encoder.edges_.assign(edges.begin(), edges.end());
  const bool has_edges =
      encoder.kind_ == FieldKind::number &&
      (encoder.scale_ == NumberScale::piecewise_linear || encoder.scale_ == NumberScale::quantile);
  if (has_edges ? encoder.edges_.size() < 2 : !encoder.edges_.empty()) fail("edges");
  for (std::size_t i = 0; i < encoder.edges_.size(); ++i) {
    const bool ascends =
        i == 0 || encoder.edges_[i] > encoder.edges_[i - 1] ||
        (encoder.scale_ == NumberScale::quantile && encoder.edges_[i] == encoder.edges_[i - 1]);
    if (!std::isfinite(encoder.edges_[i]) || !ascends) fail("edges");
  }
  encoder.words_ = get_ids(file, prefix + "words");
  if (encoder.kind_ == FieldKind::number && encoder.words_.size() > 0) fail("words");
  return encoder;
}

}  // namespace tapegrad::apps
