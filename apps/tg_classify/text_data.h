// The texts that the commands read.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// --text, --label and what add_plain_table_options() adds.
void add_text_options(boost::program_options::options_description& description);

// Texts with the classes of each target, and which of them train and which test.
struct TextData {
  std::vector<std::string> texts;
  std::vector<std::string> targets;  // names
  std::vector<Labels> truth;         // by target; -1 for a class that the training does not have
  std::vector<std::string> text_columns;  // names; none of a table without a header
  // Pairs of a training and a test, by the numbers of texts: one, or one for each fold. A test
  // may be empty.
  struct Round {
    std::vector<Index> training, test;
  };
  std::vector<Round> rounds;
  std::string described;  // what was split how
};

// --train and --test, or --data with --test-fraction or --folds. What is to be told of it is
// written to stderr. Throws OptionError for sources that are missing or do not go together.
TextData read_text_data(const boost::program_options::variables_map& given, Progress& progress);

// The texts of --data for a model, with `needs_labels` their labels, and `others` columns beside.
LabelledTexts read_texts_for(const boost::program_options::variables_map& given,
                             const std::vector<std::string>& text_columns,
                             std::vector<std::string> label_columns, bool needs_labels,
                             const std::vector<std::string>& others, Progress& progress);

}  // namespace tapegrad::apps
