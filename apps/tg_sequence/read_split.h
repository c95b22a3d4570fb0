// From the sources of a run to what is trained on and asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/data/purchase_sessions.h>
#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/training/progress.h>

#include "data_options.h"

namespace tapegrad::apps {

// What a model of purchases is trained and tested on.
struct PurchaseSplit {
  PurchaseSessions training, test;  // the test in the training's numbers; empty with protocol none
  std::string purchase_type;        // empty where labels say it
};

// Reads the files of a run, and collects the lines for stderr that say what was read and what is
// odd about it.
class SequenceReader {
 public:
  // `likes` and `unrated` as table_options() takes them; types weigh as `likes` say.
  SequenceReader(const boost::program_options::variables_map& given,
                 const SequenceDataOptions& options, const LikeOptions& likes,
                 const std::string& unrated, Progress& progress);

  // What a model by this name is trained and tested on. Throws DataError where nothing can be
  // learnt, or nothing is asked for.
  SequenceSplit split(const std::string& model, std::uint64_t seed);
  // Task purchase: all of a training, and a test alone of a model that knows these items and types.
  // Throws DataError where all sessions of the training end in a purchase or none does.
  PurchaseSplit purchases();
  PurchaseSessions purchase_test(const Sessions& known);
  // All of --data, which is not split.
  Sessions sessions() { return read(options_.data, "query").sessions; }
  // The test of a model that is there already. Throws DataError for other training data than its
  // own, and where nothing is asked for.
  SequenceSplit split_for(const StoredSequenceModel& model);

  const std::string& told() const { return told_; }

 private:
  struct Read {
    Sessions sessions;
    bool last_only = false;
    std::vector<bool> labels{};  // by session, with task purchase
  };
  // What is learnt from also gathers what the events say of items.
  Read read(const std::vector<std::string>& sources, const char* query, bool is_learnt_from = true);
  Read read_lines(const std::vector<std::string>& sources);
  Read read_table(const std::vector<std::string>& sources, const char* query, bool is_learnt_from);
  SequenceSplit split_without_features(const std::string& model, std::uint64_t seed);
  // The features of items that --features asks for; null without.
  std::shared_ptr<const EntityFeatures> item_features(const IdMap& items);
  KnownTest read_test(const Sessions& training, const std::vector<std::int32_t>& unlearnt,
                      const std::string& training_fingerprint);
  PurchaseSessions purchases_of(const Read& read, const std::vector<std::string>& sources,
                                std::string& purchase_type);
  void require_cases(const SequenceSplit& split, const std::vector<std::string>& sources) const;

  const boost::program_options::variables_map& given_;
  const SequenceDataOptions& options_;
  LikeOptions likes_;
  bool has_features_;
  EventColumns columns_;
  TableOptions table_;
  bool quiet_;
  Progress& progress_;
  std::string told_;
};

}  // namespace tapegrad::apps
