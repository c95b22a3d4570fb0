// One column of a table as numbers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

enum class FieldKind { number, category };

// How numbers are written.
enum class NumberScale {
  piecewise_linear,  // one number for each bin between quantiles of the training
  standard,          // (x - mean) / standard deviation
  min_max,           // (x - least) / (greatest - least), kept within [0, 1]
  quantile           // the part of the training that is below, half of what is equal counting
};

struct FieldOptions {
  NumberScale scale = NumberScale::piecewise_linear;
  Index bins = 32;           // of piecewise-linear numbers, at most
  Index min_count = 2;       // words that come fewer times in the training count as unknown
  Index hash_above = 50000;  // more words than this share this many places by their hashes
};

// What a field of the column adds to the row of an example. Places are those of the column.
//
// - number: its scaled value; it may have a currency (amounts.h). Piecewise-linear with the bins'
// edges b_0 < ... < b_T (Gorishniy et
//   al., "On embeddings for numerical features in tabular deep learning", NeurIPS 2022, equation
//   1): at place t is (x - b_(t-1)) / (b_t - b_(t-1)), kept within [0, 1].
// - a missing number, a field that is none, and a number beyond ±1e30: 1 at the last place, which
// says that it is missing.
// - category: 1 at the place of its word; place 0 is of unknown words. Missing fields are one word.
class FieldEncoder {
 public:
  FieldEncoder() = default;
  // Learns from some fields of a column.
  FieldEncoder(std::string name, FieldKind kind, std::span<const std::string> fields,
               std::span<const Index> some, const FieldOptions& options);

  const std::string& name() const { return name_; }
  FieldKind kind() const { return kind_; }
  // How many places there are.
  Index width() const;
  // Whether all fields that were learnt from are the same.
  bool is_constant() const { return is_constant_; }
  // Of categories: how many words there are.
  Index words() const { return words_.size(); }
  void encode(std::string_view field, Index first, std::vector<FeatureEntry>& row) const;

  // In a file, with names that begin with `prefix`. get() throws Error for another form.
  void put(nn::WeightFile& file, const std::string& prefix) const;
  static FieldEncoder get(const nn::WeightFile& file, const std::string& prefix);

 private:
  void learn_numbers(std::vector<double> values, const FieldOptions& options);

  std::string name_;
  FieldKind kind_ = FieldKind::category;
  NumberScale scale_ = NumberScale::standard;
  DecimalSign sign_ = DecimalSign::point;
  bool is_constant_ = false;
  double shift_ = 0.0, factor_ = 1.0;  // of standard and min-max numbers
  std::vector<double> edges_;          // of bins, or the training's values, ascending
  IdMap words_;
  Index buckets_ = 0;  // 0: each word has a place of its own
};

// An empty field, one of the usual words for nothing, such as NA, NULL or ?, or an infinite number.
bool is_missing(std::string_view field);

// Which sign stands before the decimals of a column's numbers: the one that all its fields fit
// which are not missing, a point where both do. A field such as "0,125" is no number with commas
// between thousands. Nothing for a column with a field that is no number, or with nothing but
// missing ones.
std::optional<DecimalSign> decimal_sign_of(std::span<const std::string> fields,
                                           std::span<const Index> some);

}  // namespace tapegrad::apps
