// The classes of examples.
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

// What somebody may want to know of the labels, a sentence each: classes that differ in blanks or
// case only, and classes with a single example.
std::vector<std::string> notes_on(const Labels& labels);

}  // namespace tapegrad::apps
