// The options about data that train and evaluate share, and what is said of a result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/training/fit_sequence.h>

namespace tapegrad::apps {

void add_data_options(boost::program_options::options_description& description);

// Throws OptionError for an option that only the other task looks at.
void refuse_other_task(const boost::program_options::variables_map& given, bool histories);

// An option that the task needs. Throws OptionError without it.
std::vector<std::string> needed(const boost::program_options::variables_map& given,
                                const std::string& name, const std::string& task);

// Reads the files of a run, and collects the lines for stderr that say what was read and what is
// odd about it.
class SessionReader {
 public:
  // `min_rating` and `unrated` as table_options() takes them.
  SessionReader(const boost::program_options::variables_map& given, bool histories,
                std::optional<double> min_rating, const std::string& unrated, Progress& progress);

  // Of --data and --train: a database is asked by --query.
  Sessions read(const std::vector<std::string>& sources);
  // The part of a test that a model of these items can be asked about. Throws DataError if nothing
  // is left. That the test is what was trained on, by the fingerprint, is told. A database is asked
  // by --test-query.
  Sessions read_test(const std::vector<std::string>& sources, const IdMap& items,
                     std::span<const std::int32_t> unlearnt,
                     const std::string& training_fingerprint);

  const std::string& told() const { return told_; }

 private:
  Sessions read(const std::vector<std::string>& sources, const std::string& query);

  const boost::program_options::variables_map& given_;
  TableOptions table_;
  bool histories_, quiet_;
  Progress& progress_;
  std::string told_;
};

nlohmann::json result_json(const std::string& model, const NextItemMetrics& metrics,
                           const SequenceSplit& split, const std::string& fingerprint);
std::string result_text(const std::string& model, const NextItemMetrics& metrics,
                        const SequenceSplit& split);

}  // namespace tapegrad::apps
