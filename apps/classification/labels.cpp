#include <tapegrad/apps/classification/labels.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/alike_ids.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

// The first few of some names, for a message.
std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t shown = 5;
  const auto first = names.first(std::min(shown, names.size()));
  return fmt::format("{}{}", fmt::join(first, ", "),
                     names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

}  // namespace

std::vector<Index> Labels::sizes() const {
  std::vector<Index> sizes(static_cast<std::size_t>(classes.size()), 0);
  for (const Index label : of) {
    if (label >= 0) ++sizes[static_cast<std::size_t>(label)];
  }
  return sizes;
}

Labels labels_of(std::span<const std::string> texts) {
  std::set<std::string_view> names;
  for (const std::string& text : texts) names.insert(trimmed(text));
  if (names.contains("")) throw DataError("expected a label for each example, got a blank one");
  if (names.size() < 2)
    throw DataError(fmt::format("expected labels of two classes or more, got {}",
                                names.empty() ? "none" : in_quotes(*names.begin()) + " only"));
  std::vector<std::string_view> ordered(names.begin(), names.end());
  const auto number = [](std::string_view name) { return parse_number(name); };
  if (std::ranges::all_of(ordered, [&](std::string_view name) { return number(name).has_value(); }))
    std::ranges::stable_sort(ordered, {}, [&](std::string_view name) { return *number(name); });
  IdMap classes;
  for (const std::string_view name : ordered) classes.insert(name);
  return labels_of(texts, classes);
}

Labels labels_of(std::span<const std::string> texts, const IdMap& classes) {
  Labels labels{.classes = classes, .of = {}};
  labels.of.reserve(texts.size());
  for (const std::string& text : texts) labels.of.push_back(classes.find(trimmed(text)));
  return labels;
}

std::vector<Index> strata_of(std::span<const double> numbers) {
  constexpr Index most = 10, least_count = 10;
  std::vector<double> ordered(numbers.begin(), numbers.end());
  std::ranges::sort(ordered);
  const auto count = static_cast<Index>(numbers.size());
  const Index strata = std::clamp(count / least_count, Index{1}, most);
  std::vector<Index> of;
  for (const double number : numbers) {
    const auto below = std::ranges::lower_bound(ordered, number) - ordered.begin();
    of.push_back(strata * static_cast<Index>(below) / count);
  }
  return of;
}

Labels number_labels_of(std::span<const std::string> texts) {
  Labels labels;
  labels.numbers.reserve(texts.size());
  for (const std::string& text : texts) {
    const std::optional<double> number = parse_number(text);
    if (!number)
      throw DataError(
          fmt::format("expected a number as the label of each example, got {}", in_quotes(text)));
    constexpr double greatest = 1e100;  // whose square is a number, too
    if (std::abs(*number) > greatest)
      throw DataError(fmt::format("expected labels from -1e100 to 1e100, got {}", in_quotes(text)));
    labels.numbers.push_back(*number);
  }
  labels.of = strata_of(labels.numbers);
  return labels;
}

std::vector<std::string> notes_on(const Labels& labels) {
  if (labels.are_numbers()) return {};
  std::vector<std::string> notes, single;
  if (std::string alike = describe_alike("label", labels.classes); !alike.empty())
    notes.push_back(std::move(alike));
  const std::vector<Index> sizes = labels.sizes();
  for (Index c = 0; c < labels.classes.size(); ++c) {
    if (sizes[static_cast<std::size_t>(c)] == 1)
      single.push_back(in_quotes(labels.classes.name(c)));
  }
  if (!single.empty())
    notes.push_back(fmt::format("{} {} a single example: {}", single.size(),
                                single.size() == 1 ? "class has" : "classes have",
                                some_of(single)));
  constexpr Index many = 20;
  bool all_numbers = labels.classes.size() > many;
  for (Index c = 0; all_numbers && c < labels.classes.size(); ++c)
    all_numbers = parse_number(labels.classes.name(c)).has_value();
  if (all_numbers)
    notes.push_back(
        fmt::format("{} different numbers are taken for classes: a model of tables predicts "
                    "numbers with --loss mse",
                    labels.classes.size()));
  return notes;
}

}  // namespace tapegrad::apps
