#pragma once

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/text_file.h>
#include <string>
#include <vector>

namespace tapegrad::apps {

// The three files of a prefix, each with .gz where only that is there. Throws DataError for one
// that is missing.
std::vector<std::string> ncf_files(const std::string& prefix);

// Protocol `ncf`: the ready-made split of He et al., "Neural Collaborative Filtering" (WWW 2017),
// with its negatives.
//
// Reads the tab-separated files PREFIX.train.rating and PREFIX.test.rating (user, item[, rating][,
// time], no header) and PREFIX.test.negative (for each test row in the same order the field
// "(user,item)" and then the negatives), each plain or with .gz behind its name (the plain one
// first). A negative equal to the test item is dropped, one given twice counts once. Throws
// DataError for a file that is missing or malformed and for test and negative rows that do not
// match. `report` and `progress` are of the training's file.
Split read_ncf_split(const std::string& prefix, std::size_t max_unpacked = standard_max_unpacked,
                     ReadReport* report = nullptr, const ReadProgress& progress = {});

}  // namespace tapegrad::apps
