// Classes of examples, and parts in which each class has its share.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/labels.h>
#include <tapegrad/apps/classification/stratified.h>
#include <tapegrad/apps/data/errors.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
using Texts = std::vector<std::string>;

std::vector<std::string> names_of(const Labels& labels) {
  std::vector<std::string> names;
  for (Index c = 0; c < labels.classes.size(); ++c) names.push_back(labels.classes.name(c));
  return names;
}

// Random classes, some of which are rare.
std::vector<Index> random_classes(std::mt19937& random, std::size_t count) {
  std::vector<Index> classes;
  for (std::size_t i = 0; i < count; ++i)
    classes.push_back(std::geometric_distribution<Index>(0.5)(random));
  return classes;
}

}  // namespace

TEST_CASE("classes are numbered by their names, whatever the order of the examples") {
  const Labels labels = labels_of(Texts{"no", " yes ", "no", "No"});
  CHECK(names_of(labels) == Texts{"No", "no", "yes"});
  CHECK(labels.of == std::vector<Index>{1, 2, 1, 0});
  CHECK(labels.sizes() == std::vector<Index>{1, 2, 1});
  // Numbers in the order of numbers.
  CHECK(names_of(labels_of(Texts{"10", "9", "-1.5", "2"})) == Texts{"-1.5", "2", "9", "10"});
  CHECK(names_of(labels_of(Texts{"10", "9", "x"})) == Texts{"10", "9", "x"});
  // By the classes of a model.
  CHECK(labels_of(Texts{"yes", "maybe"}, labels.classes).of == std::vector<Index>{2, -1});
  CHECK_THROWS_WITH_AS(labels_of(Texts{"a", "a "}),
                       "expected labels of two classes or more, got \"a\" only", DataError);
  CHECK_THROWS_WITH_AS(labels_of(Texts{}), "expected labels of two classes or more, got none",
                       DataError);
  CHECK_THROWS_WITH_AS(labels_of(Texts{"a", " "}),
                       "expected a label for each example, got a blank one", DataError);
}

TEST_CASE("labels that differ in case only, and classes with one example, are told") {
  const auto notes = notes_on(labels_of(Texts{"Red", "red", "red", "Red", "blue", "RED", "RED"}));
  REQUIRE(notes.size() == 2);
  CHECK(notes[0] ==
        "2 label ids differ from another in blanks or case only, such as \"RED\" and \"Red\"; they "
        "count as different");
  CHECK(notes[1] == "1 class has a single example: \"blue\"");
  CHECK(notes_on(labels_of(Texts{"a", "b", "a", "b"})).empty());
}

TEST_CASE("folds and parts have the share of each class, and are the same for a given seed") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const std::size_t count : {1U, 7U, 40U, 1000U}) {
    const std::vector<Index> classes = random_classes(random, count);
    std::map<Index, Index> sizes;
    for (const Index one : classes) ++sizes[one];
    for (const Index folds : {2, 5}) {
      const auto fold = stratified_folds(classes, folds, 3);
      std::map<Index, Index> of_fold;
      std::map<std::pair<Index, Index>, Index> of_class;
      for (std::size_t i = 0; i < count; ++i) {
        ++of_fold[fold[i]];
        ++of_class[{classes[i], fold[i]}];
      }
      for (Index f = 0; f < folds; ++f) {
        const double share = static_cast<double>(count) / static_cast<double>(folds);
        CHECK(std::abs(static_cast<double>(of_fold[f]) - share) < 1.0);
        for (const auto& size : sizes) {
          const double own = static_cast<double>(size.second) / static_cast<double>(folds);
          CHECK(std::abs(static_cast<double>(of_class[{size.first, f}]) - own) < 1.0);
        }
      }
      CHECK(fold == stratified_folds(classes, folds, 3));
      if (count == 1000) CHECK(fold != stratified_folds(classes, folds, 4));
    }
    const TwoParts parts = stratified_parts(classes, 0.3, 3);
    std::vector<Index> all = parts.first;
    all.insert(all.end(), parts.second.begin(), parts.second.end());
    std::ranges::sort(all);
    std::vector<Index> expected(count);
    std::iota(expected.begin(), expected.end(), Index{0});
    CHECK(all == expected);
    CHECK(std::ranges::is_sorted(parts.first));
    for (const auto& size : sizes) {
      const auto in_second = std::ranges::count_if(parts.second, [&](Index i) {
        return classes[static_cast<std::size_t>(i)] == size.first;
      });
      CHECK(in_second < size.second);
      CHECK(std::abs(static_cast<double>(in_second) - 0.3 * static_cast<double>(size.second)) <=
            0.5 + 1e-9);
    }
  }
}
