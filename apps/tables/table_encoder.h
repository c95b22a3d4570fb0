// Tables as the numbers that models read.
#pragma once

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/sparse_examples.h>
#include <tapegrad/apps/data/records.h>
#include <tapegrad/apps/tables/field_encoder.h>

namespace tapegrad::apps {

// Example i has for field f the entries [offsets[i · fields + f], offsets[i · fields + f + 1]),
// whose places lie within [0, width).
struct TableInputs {
  Index fields = 0, width = 0;
  std::vector<Index> offsets{0};
  std::vector<FeatureEntry> entries;

  Index count() const {
    return (static_cast<Index>(offsets.size()) - 1) / std::max<Index>(1, fields);
  }
};

struct TableEncoderOptions {
  FieldOptions fields{};
  std::vector<std::string> columns;          // that are looked at
  std::map<std::string, FieldKind> kinds{};  // of columns whose kind is given
};

class TableEncoder {
 public:
  TableEncoder() = default;
  // Learns from some rows. A column without a given kind is of numbers where all its fields that
  // are not missing are numbers, else of categories. Columns that are constant, and categories that
  // are different nearly everywhere, say nothing and are left out. Throws DataError for a column
  // that is not there, and where none says anything.
  TableEncoder(const Records& records, std::span<const Index> some,
               const TableEncoderOptions& options);

  Index width() const;
  // The fields and the width of what it makes, without examples.
  TableInputs shape() const;
  const std::vector<FieldEncoder>& fields() const { return fields_; }
  // What was left out and why, a sentence each.
  const std::vector<std::string>& notes() const { return notes_; }
  // Throws DataError for a column that is missing.
  TableInputs encode(const Records& records) const;

  void put(nn::WeightFile& file) const;
  static TableEncoder get(const nn::WeightFile& file);

 private:
  std::vector<FieldEncoder> fields_;
  std::vector<std::string> notes_;
};

// The same as sparse rows.
SparseExamples rows_of(const TableInputs& inputs);

}  // namespace tapegrad::apps
