// Texts as words.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// Cuts texts into words by Unicode's rules (UAX #29; Chinese, Japanese and Thai by ICU's
// dictionaries), in a form that does not tell case or width apart (NFKC_Casefold). Numbers and
// emoji are words; blanks and punctuation are not. One thread at a time.
class WordCutter {
 public:
  WordCutter();
  ~WordCutter();
  WordCutter(WordCutter&&) noexcept;
  WordCutter& operator=(WordCutter&&) noexcept;

  // The words of a text in UTF-8; what is no UTF-8 counts as U+FFFD and is no word.
  std::vector<std::string> words(std::string_view text);
  // Its code points without blanks and control characters, in the same form.
  std::vector<std::string> characters(std::string_view text);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tapegrad::apps
