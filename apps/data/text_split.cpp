#include <tapegrad/apps/data/text_split.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/stable_hash.h>

namespace tapegrad::apps {
namespace {

// All parts of a text in numbers of their own, in the order of their first units.
struct WholeText {
  TextUnit unit;
  IdMap ids{};
  std::vector<std::int32_t> units{};

  void add(std::string_view text) {
    for_each_unit(text, unit, [&](std::string_view one) {
      units.push_back(static_cast<std::int32_t>(ids.insert(one)));
    });
  }
};

void require_two(std::size_t units, const char* part, TextUnit unit) {
  if (units < 2)
    throw DataError(
        fmt::format("the text that {} has {} {}: expected 2 or more, for each is "
                    "predicted from those before it",
                    part, units, name_of(unit)));
}

// The units before `validation` train, those from `test` on test.
TextSplit split_at(const WholeText& text, std::size_t validation, std::size_t test,
                   Index min_count) {
  require_two(validation, "trains", text.unit);
  require_two(test - validation, "validates", text.unit);
  TextSplit split{.unit = text.unit,
                  .vocabulary = {},
                  .training = {},
                  .validation_begin = validation,
                  .test = {}};
  const auto trained = std::span(text.units).first(test);
  std::vector<Index> counts(static_cast<std::size_t>(text.ids.size()));
  for (const std::int32_t unit : trained) ++counts[static_cast<std::size_t>(unit)];
  std::vector<std::int32_t> numbers;  // in the vocabulary; -1: unknown
  for (Index i = 0; i < text.ids.size(); ++i) {
    const Index count = counts[static_cast<std::size_t>(i)];
    const bool is_kept = count >= min_count || (count > 0 && text.ids.name(i) == unknown_unit);
    numbers.push_back(is_kept ? static_cast<std::int32_t>(split.vocabulary.insert(text.ids.name(i)))
                              : -1);
  }
  const auto unknown = static_cast<std::int32_t>(split.vocabulary.insert(unknown_unit));
  const auto number_of = [&](std::int32_t unit) { return numbers[static_cast<std::size_t>(unit)]; };
  for (const std::int32_t unit : trained)
    split.training.push_back(number_of(unit) >= 0 ? number_of(unit) : unknown);
  for (const std::int32_t unit : std::span(text.units).subspan(test)) {
    split.test.unknown += number_of(unit) < 0 ? 1 : 0;
    split.test.units.push_back(number_of(unit) >= 0 ? number_of(unit) : unknown);
  }
  return split;
}

}  // namespace

TextSplit split_texts(TextUnit unit, std::string_view training, std::string_view validation,
                      std::string_view test, Index min_count) {
  WholeText text{.unit = unit};
  text.add(training);
  std::size_t validation_begin = text.units.size();
  text.add(validation);
  if (validation.empty()) validation_begin -= validation_begin / 10;
  const std::size_t test_begin = text.units.size();
  text.add(test);
  if (!test.empty()) require_two(text.units.size() - test_begin, "tests", unit);
  return split_at(text, validation_begin, test_begin, min_count);
}

TextSplit split_text(TextUnit unit, std::string_view whole, Index min_count) {
  WholeText text{.unit = unit};
  text.add(whole);
  const std::size_t count = text.units.size(), tenth = count / 10;
  if (tenth < 2)
    throw DataError(fmt::format("the text has {} {}: expected 20 or more, for a tenth of it tests",
                                count, name_of(unit)));
  return split_at(text, count - 2 * tenth, count - tenth, min_count);
}

NumberedText number_text(std::string_view text, TextUnit unit, const IdMap& vocabulary) {
  NumberedText numbered;
  const Index unknown = vocabulary.find(unknown_unit);
  for_each_unit(text, unit, [&](std::string_view one) {
    const Index number = vocabulary.find(one);
    numbered.unknown += number < 0 ? 1 : 0;
    numbered.units.push_back(static_cast<std::int32_t>(number < 0 ? unknown : number));
  });
  return numbered;
}

std::uint64_t fingerprint(const TextSplit& split) {
  StableHash hash;
  hash.add_text(name_of(split.unit));
  for (Index i = 0; i < split.vocabulary.size(); ++i) hash.add_text(split.vocabulary.name(i));
  for (const std::int32_t unit : split.training) hash.add_int(unit);
  hash.add_index(static_cast<Index>(split.validation_begin));
  return hash.value();
}

}  // namespace tapegrad::apps
