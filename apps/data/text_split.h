// A text as numbers, and which parts of it train, validate and test.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/data/text_units.h>

namespace tapegrad::apps {

// The units of a text in the numbers of a vocabulary.
struct NumberedText {
  std::vector<std::int32_t> units;
  Index unknown = 0;  // how many of them the vocabulary does not have
};

struct TextSplit {
  TextUnit unit = TextUnit::words;
  IdMap vocabulary;  // of the training; the last is the unknown unit, unless the text has it
  std::vector<std::int32_t> training;
  std::size_t validation_begin = 0;  // the training's part from here on validates
  NumberedText test;

  std::span<const std::int32_t> before_validation() const {
    return std::span(training).first(validation_begin);
  }
  std::span<const std::int32_t> validation() const {
    return std::span(training).subspan(validation_begin);
  }
};

// Texts of their own; an empty validation stands for the last tenth of the training. What comes
// fewer than `min_count` times in what trains and validates counts as unknown. Throws DataError for
// a part that has fewer than two units.
TextSplit split_texts(TextUnit unit, std::string_view training, std::string_view validation,
                      std::string_view test, Index min_count);
// One text: the last tenth of its units is the test, the tenth before it validates.
TextSplit split_text(TextUnit unit, std::string_view text, Index min_count);

NumberedText number_text(std::string_view text, TextUnit unit, const IdMap& vocabulary);

// A 64-bit hash of the units and their order.
std::uint64_t fingerprint(const TextSplit& split);

}  // namespace tapegrad::apps
