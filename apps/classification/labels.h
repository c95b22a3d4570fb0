// The labels of examples: classes, or numbers to predict.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Classes, and the class of each example by its number.
struct Labels {
  IdMap classes;
  std::vector<Index> of;
  // Where the labels are numbers to predict, the number of each example. There are no classes then,
  // and `of` are their strata_of().
  std::vector<double> numbers{};

  bool are_numbers() const { return !numbers.empty(); }
  Index count() const { return static_cast<Index>(of.size()); }
  // How many examples each class has.
  std::vector<Index> sizes() const;
};

// The classes that labels name, which are texts without blanks around them. Classes are numbered by
// the order of their names, whatever the order of the examples: of numbers where all are numbers,
// else of bytes. Throws DataError where a label is blank, and where there are not two classes or
// more.
Labels labels_of(std::span<const std::string> texts);

// The same by the classes that a model knows: -1 for a label that it does not know.
Labels labels_of(std::span<const std::string> texts, const IdMap& classes);

// For each number the stratum that it is in by its size: ten strata of about the same count, or
// fewer where there are fewer than a hundred numbers. Parts of examples that keep the share of each
// stratum, as they do that of classes, have small and large numbers alike. Equal numbers are in one
// stratum.
std::vector<Index> strata_of(std::span<const double> numbers);

// Labels that are numbers to predict. Throws DataError where a text is no number, or one beyond
// ±1e100.
Labels number_labels_of(std::span<const std::string> texts);

// What somebody may want to know of classes, a sentence each: those that differ in blanks or case
// only, those with a single example, and many that are all numbers.
std::vector<std::string> notes_on(const Labels& labels);

}  // namespace tapegrad::apps
