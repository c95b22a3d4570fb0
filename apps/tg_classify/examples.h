// The examples that a command trains and tests on, but for what models read of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/classification/labels.h>

namespace tapegrad::apps {

struct Examples {
  std::vector<std::string> targets;  // names
  std::vector<Labels> truth;         // by target; -1 for a class that the training does not have
  // Pairs of a training and a test, by the numbers of examples: one, or one for each fold. A test
  // may be empty.
  struct Round {
    std::vector<Index> training, test;
  };
  std::vector<Round> rounds;
  bool is_split = false;  // whether tests are parts of the same data
  std::string described;  // how many train and test
};

// --data, --train, --test, --test-fraction and --folds.
void add_examples_options(boost::program_options::options_description& description);

struct ExampleSources {
  std::vector<std::string> training, test;
  bool is_split = false;  // whether the training is of --data, which is split
};
// Throws OptionError for sources that are missing or do not go together.
ExampleSources example_sources(const boost::program_options::variables_map& given);

// The columns that an option names with commas between, none without it; a name that holds a comma
// stands in double quotes, as in a line of CSV. Throws OptionError for what is no such list.
std::vector<std::string> columns_of(const boost::program_options::variables_map& given,
                                    const std::string& option);

// What labels are.
enum class LabelKind { classes, numbers };

// The labels of a column; classes are those that are `known`, or else found out. Throws DataError,
// which names the sources and the column, for labels that are not of their kind.
Labels read_labels(const std::vector<std::string>& sources, const NamedColumn& column,
                   LabelKind kind, const IdMap* known = nullptr);

// The labels of the columns, first those of the training and then those of the test, and the
// rounds. What is to be told of the labels is written to stderr. Throws DataError for labels that
// are not of their kind.
Examples examples_of(const boost::program_options::variables_map& given,
                     const ExampleSources& sources, std::span<const NamedColumn> training,
                     std::span<const NamedColumn> test, LabelKind kind = LabelKind::classes);

}  // namespace tapegrad::apps
