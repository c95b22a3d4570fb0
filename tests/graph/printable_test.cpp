// Text that may be shown: what a terminal obeys is written out, all else stays.
#include <doctest/doctest.h>

#include <string>
#include <utility>

#include <tapegrad/graph/printable.h>

using tapegrad::printable;

TEST_CASE("what a terminal obeys, or nobody sees, is written out") {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"plain text, Zwölf, 推薦, 🎬, ¶", "plain text, Zwölf, 推薦, 🎬, ¶"},
      {"\x1b[2J\x1b]0;title\a", "\\u001b[2J\\u001b]0;title\\u0007"},
      {"tab\tline\nreturn\r", "tab\\u0009line\\u000areturn\\u000d"},
      {std::string("nul\0", 4), "nul\\u0000"},
      {"delete \x7f", "delete \\u007f"},
      {"next line \xc2\x85, command \xc2\x9b"
       "31m",
       "next line \\u0085, command \\u009b31m"},
      {"right to left \xe2\x80\xae"
       "gpj.exe",
       "right to left \\u202egpj.exe"},
      {"isolate \xe2\x81\xa6, separator \xe2\x80\xa8", "isolate \\u2066, separator \\u2028"},
      {"no UTF-8 \xff, cut \xe2\x80", "no UTF-8 \\xff, cut \\xe2\\x80"},
      {"overlong \xc0\x9b, surrogate \xed\xa0\x80",
       "overlong \\xc0\\x9b, surrogate \\xed\\xa0\\x80"}};
  for (const auto& [text, shown] : cases) CHECK(printable(text) == shown);
  for (int byte = 0; byte < 256; ++byte) {
    for (const char shown : printable(std::string(1, static_cast<char>(byte))))
      CHECK((shown >= ' ' && shown <= '~'));
  }
}

TEST_CASE("a long text is cut between two characters") {
  CHECK(printable("abcdef", 6) == "abcdef");
  CHECK(printable("abcdef", 5) == "abcde...");
  CHECK(printable("abc推", 5) == "abc...");
  CHECK(printable("abc推", 6) == "abc推");
  CHECK(printable("\x1b\x1b\x1b", 2) == "\\u001b\\u001b...");
}
