// Tables of users or items with their features.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/entity_rows.h>
#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/table.h>

namespace tapegrad::apps {

// Whose table it is: what the column of ids is found by.
enum class Entity { user, item };

struct FeatureTable {
  IdMap ids;                                    // in the order of the table
  std::vector<FeatureEncoder> encoders;         // those that tell entities apart
  std::vector<std::vector<FeatureEntry>> rows;  // by the number in `ids`
  // Features whose fields are mostly the ids themselves.
  std::vector<std::string> like_ids;
  // What was found, and what says nothing because it is missing or the same for all: sentences.
  std::vector<std::string> notes;

  // Rows for the entities of a model: by its numbers.
  EntityFeatures features_of(const IdMap& entities) const;
};

// Makes features of the columns that are chosen, or of all columns but the ids where none is, which
// then need names. Throws DataError, its line beginning with `path`, for a column that is not
// there, a name that two columns have, and flags that are neither 0 nor 1.
//
// With the encoders of a model, `known`, nothing is learnt: fields become the numbers that they
// would have had when the model was trained. Their names are the columns where none is chosen; a
// feature that is not among the choices has no numbers.
FeatureTable feature_table_of(const EntityRows& rows, std::span<const FeatureChoice> choices,
                              const std::string& path,
                              const std::vector<FeatureEncoder>* known = nullptr);

// Reads a table and does the same with it. The ids are in the column with the role item.id
// (user.id), without a header column 1. Of rows with the same id the first counts. Throws DataError
// for a table that cannot be read, too.
FeatureTable read_feature_table(const std::string& path, Entity entity,
                                std::span<const FeatureChoice> choices, const TableOptions& options,
                                ReadReport* report = nullptr,
                                const std::vector<FeatureEncoder>* known = nullptr);

}  // namespace tapegrad::apps
