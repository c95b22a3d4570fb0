// The options about data that train and evaluate share, and what is said of a result.
#pragma once

#include <string>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/training/fit_sequence.h>

namespace tapegrad::apps {

void add_data_options(boost::program_options::options_description& description);

// Throws OptionError for an option that only the other task looks at.
void refuse_other_task(const boost::program_options::variables_map& given, bool histories);

// The table options of a task: its events belong to sessions, or to users.
TableOptions table_options_of(const boost::program_options::variables_map& given, bool histories);
// Reads one file; tells on stderr what was skipped.
Sessions read_file(const std::string& path, const boost::program_options::variables_map& given, bool histories);
// The part of a test file that can be asked about; tells on stderr what was left out. Throws DataError if nothing is left.
Sessions read_test(const std::string& path, const boost::program_options::variables_map& given, const IdMap& items);
// An option that the task needs. Throws OptionError without it.
std::string needed(const boost::program_options::variables_map& given, const std::string& name, const std::string& task);

nlohmann::json result_json(const std::string& model, const NextItemMetrics& metrics, const SequenceSplit& split,
                           const std::string& fingerprint);
std::string result_text(const std::string& model, const NextItemMetrics& metrics, const SequenceSplit& split);

}  // namespace tapegrad::apps
