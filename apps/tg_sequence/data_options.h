// The options about data of train and evaluate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/models/sequence_file.h>

namespace tapegrad::apps {

// What is read, and what of it is the test.
struct SequenceDataOptions {
  bool histories = false;       // task next-item; else sessions
  std::string protocol;         // "sessions", "loo", "sasrec100", "temporal" or "none"
  HistorySplitOptions split{};  // of histories; the cut also of sessions
  bool lines = false;           // the files have a session a line
  std::optional<double> gap{};  // seconds of silence between sessions of a user
  std::vector<std::string> data, train, test;  // sources
  // Task purchase: whether labels say which sessions end in a purchase; else the type of events
  // that are purchases, empty for one that is known by name.
  bool has_labels = false;
  std::string purchase_type{};
};

// `for_training`: --train, --items and --features are options, too.
void add_sequence_data_options(boost::program_options::options_description& description,
                               bool for_training);

// The same with task purchase, of a training and of a test alone: a model knows already whether the
// events of a type are purchases, or labels say it.
SequenceDataOptions purchase_data_options(const boost::program_options::variables_map& given);
SequenceDataOptions purchase_test_options(const boost::program_options::variables_map& given,
                                          const std::string& purchase_type);

// The options of what is read as a whole: --data, --owner, --format, --session-gap and tables.
void add_analysis_data_options(boost::program_options::options_description& description);
SequenceDataOptions analysis_data_options(const boost::program_options::variables_map& given);

// What is given. Throws OptionError for an option that has no effect with the task or the protocol,
// and for sources that are missing.
SequenceDataOptions sequence_data_options(const boost::program_options::variables_map& given,
                                          const std::string& task);
// The same to evaluate a model: it says the task, and the split that is not given.
SequenceDataOptions sequence_data_options(const boost::program_options::variables_map& given,
                                          const StoredSequenceModel& model);

}  // namespace tapegrad::apps
