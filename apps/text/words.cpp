#include <tapegrad/apps/text/words.h>

#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

void require(UErrorCode code) {
  if (U_FAILURE(code) != 0)
    throw std::runtime_error(std::string("ICU cannot cut words: ") + u_errorName(code));
}

// Whether a piece between two breaks that is no word of letters or digits is a picture.
bool is_emoji(const icu::UnicodeString& text, int begin) {
  const UChar32 first = text.char32At(begin);
  return u_hasBinaryProperty(first, UCHAR_EXTENDED_PICTOGRAPHIC) != 0 ||
         u_hasBinaryProperty(first, UCHAR_REGIONAL_INDICATOR) != 0;
}

}  // namespace

struct WordCutter::Parts {
  const icu::Normalizer2* form = nullptr;  // ICU's own
  std::unique_ptr<icu::BreakIterator> breaks;

  icu::UnicodeString form_of(std::string_view text) const {
    if (std::cmp_greater(text.size(), std::numeric_limits<int>::max()))
      throw DataError(fmt::format("a text of {} bytes is too long for ICU", text.size()));
    UErrorCode code = U_ZERO_ERROR;
    icu::UnicodeString result = form->normalize(
        icu::UnicodeString::fromUTF8({text.data(), static_cast<int>(text.size())}), code);
    require(code);
    return result;
  }
};

WordCutter::WordCutter() : parts_(std::make_unique<Parts>()) {
  UErrorCode code = U_ZERO_ERROR;
  parts_->form = icu::Normalizer2::getNFKCCasefoldInstance(code);
  require(code);
  parts_->breaks.reset(icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), code));
  require(code);
}
WordCutter::~WordCutter() = default;
WordCutter::WordCutter(WordCutter&&) noexcept = default;
WordCutter& WordCutter::operator=(WordCutter&&) noexcept = default;

std::vector<std::string> WordCutter::words(std::string_view text) {
  const icu::UnicodeString form = parts_->form_of(text);
  std::vector<std::string> words;
  parts_->breaks->setText(form);
  int begin = parts_->breaks->first();
  for (int end = parts_->breaks->next(); end != icu::BreakIterator::DONE;
       begin = end, end = parts_->breaks->next()) {
    if (parts_->breaks->getRuleStatus() < UBRK_WORD_NONE_LIMIT && !is_emoji(form, begin)) continue;
    form.tempSubStringBetween(begin, end).toUTF8String(words.emplace_back());
  }
  return words;
}

std::vector<std::string> WordCutter::characters(std::string_view text) {
  const icu::UnicodeString form = parts_->form_of(text);
  std::vector<std::string> characters;
  for (int at = 0; at < form.length(); at = form.moveIndex32(at, 1)) {
    const UChar32 point = form.char32At(at);
    if (u_isUWhiteSpace(point) != 0 || u_iscntrl(point) != 0) continue;
    icu::UnicodeString(point).toUTF8String(characters.emplace_back());
  }
  return characters;
}

}  // namespace tapegrad::apps
