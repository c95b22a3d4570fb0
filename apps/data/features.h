// Features of users and items as models take them: sparse rows of numbers with names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

enum class FeatureKind {
  number,      // also dates, as years
  category,    // one word
  categories,  // several words with '|', ';' or ',' between, or 0/1 columns
  text
};

// A feature that the command line chose.
struct FeatureChoice {
  std::string name;
  std::string first, last;  // a column, or a range of columns of 0 and 1: names or numbers
  std::optional<FeatureKind> kind{};  // nothing: found out
};

// From a list such as "year=3,genres=6-24,title=2:text". Throws OptionError for what is no such
// list.
std::vector<FeatureChoice> parse_features(std::string_view text);

// One number of a row, under its place in the vocabulary.
struct FeatureEntry {
  std::int32_t place = 0;
  float value = 0.0F;
};

// How one feature's fields become numbers.
//
// - number: (x - mean) / deviation, and 1 for the tenth of the values that it lies in; x outside of
//   the range of the training counts as the end of that range, and beyond ±1e30 says nothing;
// - category: 1 for its word;
// - categories: 1/√n for each of n words;
// - text: tf · idf for each word, scaled to a norm of 1, tf = 1 + log(count), idf = log(rows / rows
//   with the word). Words are runs of letters and digits in lower case; a word that only one row
//   has is none.
// A field that is empty, and a word that the training did not have, gives nothing.
class FeatureEncoder {
 public:
  // Learns from all fields of a column; for 0/1 columns the fields are the names of those that are
  // set, with '|' between.
  FeatureEncoder(std::string name, std::span<const std::string_view> fields,
                 std::optional<FeatureKind> kind);
  // From what to_json() gave. Throws DataError for something else.
  explicit FeatureEncoder(const nlohmann::json& json);
  nlohmann::json to_json() const;

  const std::string& name() const { return name_; }
  FeatureKind kind() const { return kind_; }
  // How many places its numbers take. 0 where all fields are the same or missing: such a column
  // says nothing.
  Index width() const;
  // Of a place from 0 to width() - 1, such as "year" or "genres=Comedy".
  std::string place_name(Index place) const;
  // Appends the numbers of a field, at places from `first` on.
  void encode(std::string_view field, Index first, std::vector<FeatureEntry>& row) const;

 private:
  void learn_number(std::span<const std::string_view> fields);
  void learn_words(std::span<const std::string_view> fields);
  std::vector<std::string> words_of(std::string_view field) const;

  std::string name_;
  FeatureKind kind_ = FeatureKind::category;
  bool is_empty_ = false;
  double mean_ = 0.0, deviation_ = 1.0;
  double least_ = 0.0, greatest_ = 0.0;  // of the training
  std::vector<double> cuts_;             // between tenths, ascending
  char separator_ = '|';
  IdMap words_;
  std::vector<float> idf_;  // of words of a text
};

// The features of all users or all items.
class EntityFeatures {
 public:
  // `rows` of numbers by entity, none for one without a row in its table.
  EntityFeatures(std::vector<FeatureEncoder> encoders,
                 const std::vector<std::vector<FeatureEntry>>& rows);

  // From what a file has: places and values [count, length]. Throws DataError for places outside of
  // the vocabulary and values that are not finite.
  EntityFeatures(std::vector<FeatureEncoder> encoders, Index count, Index length,
                 std::vector<std::int32_t> places, std::vector<float> values);

  Index count() const { return count_; }
  Index vocabulary() const { return vocabulary_; }
  const std::vector<FeatureEncoder>& encoders() const { return encoders_; }
  std::string place_name(Index place) const;

  // Rows have room for as many numbers as the longest has, at most 64: the greatest ones.
  Index length() const { return length_; }
  // [length] each, filled up with 0 at place 0.
  std::span<const std::int32_t> places(Index entity) const;
  std::span<const float> values(Index entity) const;
  bool has_row(Index entity) const;

 private:
  std::vector<FeatureEncoder> encoders_;
  Index count_ = 0, vocabulary_ = 0, length_ = 1;
  std::vector<std::int32_t> places_;  // [count, length]
  std::vector<float> values_;         // [count, length]
};

// Adds the rows of features to a hash; nothing for null.
void add_features(StableHash& hash, const EntityFeatures* features);

}  // namespace tapegrad::apps
