#include <tapegrad/apps/classification/labels.h>

#include <algorithm>
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

std::vector<std::string> notes_on(const Labels& labels) {
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
  return notes;
}

}  // namespace tapegrad::apps
