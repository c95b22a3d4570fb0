#include "test_files.h"

#include <doctest/doctest.h>

#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/item_table.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/table_shape.h>
#include <tapegrad/apps/data/text_file.h>
#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <vector>

namespace tapegrad::apps {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Rows read_all(std::string_view text, const Delimiter& delimiter,
              Encoding encoding = Encoding::detect) {
  RecordReader reader(text, delimiter);
  reader.set_encoding(encoding);
  Record record;
  Rows rows;
  while (reader.next(record) == ReadState::record)
    rows.emplace_back(record.fields.begin(), record.fields.end());
  return rows;
}

TEST_CASE("a delimiter may be a text, or runs of blanks") {
  CHECK(read_all("1::a:b::\n2::\"c::d\"::e\n", Delimiter("::")) ==
        Rows{{"1", "a:b", ""}, {"2", "c::d", "e"}});
  CHECK(read_all(":::a\n", Delimiter("::")) == Rows{{"", ":a"}});
  CHECK(read_all(" 1\t a  b \n\n \t\n2 \"c  d\"\t\r\n\"e f\" 3", Delimiter::blanks()) ==
        Rows{{"1", "a", "b"}, {"2", "c  d"}, {"e f", "3"}});
  CHECK(Delimiter::named("tab") == '\t');
  CHECK(Delimiter::named("\\t") == '\t');
  CHECK(Delimiter::named("blanks") == Delimiter::blanks());
  CHECK(Delimiter::named("::") == Delimiter("::"));
  for (const char* bad : {"", "\"", "a\n"}) {
    CAPTURE(bad);
    CHECK(message_of([&] { Delimiter::named(bad); }).starts_with("--delimiter must be a text"));
  }
}

TEST_CASE("a text is UTF-8, Latin-1, or each field what fits") {
  const std::string text = "caf\xE9,caf\xC3\xA9,ok\n";
  CHECK(read_all(text, ',') == Rows{{"caf\u00E9", "caf\u00E9", "ok"}});
  CHECK(read_all(text, ',', Encoding::latin1) == Rows{{"caf\u00E9", "caf\u00C3\u00A9", "ok"}});
  // A text that is not UTF-8 is a fault of its line alone.
  const std::string lines = "a,b\n" + text + "c,d\n";
  RecordReader strict(lines, ',');
  strict.set_encoding(Encoding::utf8);
  Record record;
  REQUIRE(strict.next(record) == ReadState::record);
  REQUIRE(strict.next(record) == ReadState::fault);
  CHECK(strict.fault().line == 2);
  CHECK(strict.fault().column == 1);
  CHECK(strict.fault().reason == "expected UTF-8, got \"caf\u00E9\" in Latin-1");
  REQUIRE(strict.next(record) == ReadState::record);
  CHECK(record.fields[0] == "c");
  RecordReader detecting(lines, ',');
  while (detecting.next(record) == ReadState::record) {
  }
  CHECK(detecting.converted() == 1);
  CHECK(detecting.first_converted_line() == 2);
}

TEST_CASE("quotes hide delimiters, line ends and doubled quotes") {
  CHECK(read_all("a,\"b,c\",d\n\"two\nlines\",\"say \"\"hi\"\"\",\"\"\n", ',') ==
        Rows{{"a", "b,c", "d"}, {"two\nlines", "say \"hi\"", ""}});
}

TEST_CASE("LF, CRLF and CR end a line, empty lines are passed over") {
  CHECK(read_all("a,b\r\n\r\nc,d\re,f\n\n\ng,h", ',') ==
        Rows{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}});
}

TEST_CASE("a quoted word at the front of a tab-separated title is part of the title") {
  CHECK(read_all("1\t\"Great Performances\" Cats\n2\t\"plain\"\n", '\t') ==
        Rows{{"1", "\"Great Performances\" Cats"}, {"2", "plain"}});
}

TEST_CASE("after a fault reading goes on at the next line and lines are still counted right") {
  RecordReader reader("a,b\n\"x\ny\",\"bad\"z,1\nc,d\n\"open,1\n", ',');
  Record record;
  REQUIRE(reader.next(record) == ReadState::record);
  REQUIRE(reader.next(record) == ReadState::fault);
  CHECK(reader.fault().line == 2);
  CHECK(reader.fault().column == 2);
  CHECK(reader.fault().reason == "expected a delimiter after the closing quote, got \"z,1\"");
  REQUIRE(reader.next(record) == ReadState::fault);  // the line y","bad"z,1 by itself
  CHECK(reader.fault().line == 3);
  REQUIRE(reader.next(record) == ReadState::record);
  CHECK(record.line == 4);
  CHECK(record.fields == std::vector<std::string_view>{"c", "d"});
  REQUIRE(reader.next(record) == ReadState::fault);
  CHECK(reader.fault().line == 5);
  CHECK(reader.fault().reason == "expected a closing quote, got the end of the file");
  CHECK(reader.next(record) == ReadState::end);
}

TEST_CASE("any table that is written with quotes is read back the same") {
  constexpr std::string_view alphabet = "ab\",\n\r ;";
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Rows rows(1 + random() % 5, std::vector<std::string>(1 + random() % 4));
    std::string text;
    for (auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        for (std::size_t n = random() % 6; n > 0; --n)
          row[i] += alphabet[random() % alphabet.size()];
        text += i == 0 ? "\"" : ",\"";
        for (const char character : row[i])
          text += character == '"' ? std::string("\"\"") : std::string(1, character);
        text += '"';
      }
      text += seed % 2 == 0 ? "\n" : "\r\n";
    }
    CHECK(read_all(text, ',') == rows);
  }
}

TEST_CASE("the delimiter is the one that cuts most lines alike") {
  CHECK(detect_shape("1,Toy Story,A|B\n2,Heat,C\n", std::nullopt).delimiter == ',');
  CHECK(detect_shape("1\tPostman, The\tA|B\n2\tHeat\tC|D|E\n", std::nullopt).delimiter == '\t');
  CHECK(detect_shape("1;2,5\n2;3,5\n3;4\n", std::nullopt).delimiter == ';');
  CHECK(detect_shape("1|Toy Story (1995)|01-Jan-1995\n2|Heat|01-Jan-1995\n", std::nullopt)
            .delimiter == '|');
  CHECK(detect_shape("1 10\n1 11\n", std::nullopt).delimiter == ' ');
  CHECK(detect_shape("a,b,c,d\n1,2,3\n1,2,3\n", std::nullopt).columns == 3);
  CHECK(detect_shape("", std::nullopt).columns == 0);
  CHECK(detect_shape("1::Toy Story (1995)::Animation|Comedy\n2::Heat (1995)::Crime\n", std::nullopt)
            .delimiter == Delimiter("::"));
  CHECK(detect_shape("1  10   x\n12 110  y\n", std::nullopt).delimiter == Delimiter::blanks());
  CHECK(detect_shape("  1 10\n 12 11\n", std::nullopt).columns == 2);
  // The words of a title are no fields, even if every title has as many.
  CHECK(detect_shape("1\tToy Story\n2\tBlack Sheep\n", std::nullopt).delimiter == '\t');
}

TEST_CASE("numbers are finite decimals and times are seconds or ISO 8601") {
  CHECK(parse_number(" 3.5 ") == 3.5);
  CHECK(parse_number("+2e3") == 2000.0);
  for (const char* bad :
       {"", " ", "nan", "inf", "-inf", "1e999", "abc", "3 stars", "1,5", "+-1", "0x10"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_number(bad));
  }
  CHECK(parse_time("978300760") == 978300760.0);
  CHECK(parse_time("1396860669.277") == 1396860669.277);
  CHECK(parse_time("1970-01-02") == 86400.0);
  CHECK(parse_time("1396860669277") == 1396860669.277);  // milliseconds
  CHECK(parse_time("99999999999") == 99999999999.0);
  CHECK(parse_time("100000000000") == 100000000.0);
  CHECK(parse_time("2010-12-01 08:26:00") == 1291191960.0);
  CHECK(parse_time("2010-12-01T08:26") == 1291191960.0);
  CHECK(parse_time("2010-12-01T10:26:00.5+02:00") == 1291191960.5);
  CHECK(parse_time("2010-12-01T08:26:00Z") == 1291191960.0);
  for (const char* bad : {"", "nan", "2010-13-01", "2010-02-30", "2010-12-01T25:00", "01/12/2010",
                          "2010-12-01 08:26:00 PM"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_time(bad));
  }
}

TEST_CASE("UTF-8 is told from ISO-8859-1") {
  CHECK(is_valid_utf8("Am\xC3\xA9lie \xE2\x82\xAC \xF0\x9F\x98\x80"));
  for (const char* bad :
       {"Am\xE9lie", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    CHECK_FALSE(is_valid_utf8(bad));
    CHECK(is_valid_utf8(latin1_to_utf8(bad)));
  }
  CHECK(latin1_to_utf8("Am\xE9lie") == "Am\xC3\xA9lie");
}

TEST_CASE("plain and gzip text read the same, without the byte order mark") {
  const TestFiles files;
  CHECK(read_text_file(files.write("plain", "\xEF\xBB\xBFid,title\n")) == "id,title\n");
  CHECK(read_text_file(files.write_gzip("packed", "\xEF\xBB\xBFid,title\n")) == "id,title\n");
  CHECK(read_text_file(files.write("empty", "")).empty());
  const std::string member = bytes_of(files.write_gzip("member", "one\n"));
  CHECK(read_text_file(files.write("members", member + member)) == "one\none\n");
}

TEST_CASE("the unpacking of a gzip file tells how far it is") {
  const TestFiles files;
  std::string text;
  for (int i = 0; text.size() < (std::size_t{5} << 20); ++i)
    text += std::to_string(i % 1000 * (i % 1000) % 9973) + ",";
  std::vector<std::pair<tapegrad::Index, tapegrad::Index>> told;
  const std::string path = files.write_gzip("packed", text);
  CHECK(read_text_file(path, standard_max_unpacked, [&](tapegrad::Index done, tapegrad::Index all) {
          told.emplace_back(done, all);
        }) == text);
  CHECK(told.size() == 5);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back().first <= told.back().second);
  CHECK(told.back().second == static_cast<tapegrad::Index>(bytes_of(path).size()));
}

TEST_CASE("a file that cannot be read as text is refused with the reason") {
  const TestFiles files;
  const std::string text(100000, 'x');
  const std::string bytes = bytes_of(files.write_gzip("packed", "head" + text + "tail"));
  for (const std::size_t length :
       {std::size_t{3}, std::size_t{12}, bytes.size() / 2, bytes.size() - 1}) {
    CAPTURE(length);
    const std::string cut = files.write("cut", bytes.substr(0, length));
    CHECK(message_of([&] { read_text_file(cut); }) ==
          cut + ": expected a whole gzip file, got a truncated one");
  }
  std::string damaged = bytes;
  damaged[damaged.size() - 6] ^= 0x55;  // in the checksum
  CHECK(message_of([&] {
          read_text_file(files.write("damaged", damaged));
        }).find("got a damaged one") != std::string::npos);
  for (const std::string& behind :
       {std::string("garbage"), "\x1F" + bytes.substr(1, 4) + "X" + bytes.substr(6, 3) + "X"}) {
    CHECK(message_of([&] { read_text_file(files.write("second", bytes + behind)); }) != "");
  }
  CHECK(message_of([&] {
          read_text_file(files.write("second", bytes + bytes.substr(0, 40)));
        }).find("truncated") != std::string::npos);
  CHECK(message_of([&] { read_text_file(files.path("absent")); }) ==
        files.path("absent") + ": cannot open the file: No such file or directory");
  CHECK(message_of([&] { read_text_file(files.directory()); }) ==
        files.directory() + ": expected a file, got a directory");
  CHECK(message_of([&] { read_text_file(files.write("nul", std::string_view("a\nb\0c", 5))); }) ==
        files.path("nul") + ":2: expected text, got a NUL byte");
  CHECK_THROWS_AS(read_text_file(files.write("wide",
                                             "\xFF\xFE"
                                             "a")),
                  DataError);
}

TEST_CASE("an item table gives titles in UTF-8 by id, whatever the delimiter") {
  const TestFiles files;
  const ItemTable table =
      read_item_table(files.write("u.item", "1|Am\xE9lie (2001)|x\n2|Heat, The|y\n"));
  CHECK(table.ids.size() == 2);
  CHECK(table.title("1") == "Am\xC3\xA9lie (2001)");
  CHECK(table.title("2") == "Heat, The");
  CHECK(table.title("3") == "3");
  CHECK(table.rows[1] == std::vector<std::string>{"2", "Heat, The", "y"});
}

TEST_CASE("an item table finds its columns by name and keeps the first titled row of an item") {
  const TestFiles files;
  const std::string path =
      files.write("shop.csv", "Name,SKU,price\n,a1,2\nLamp,a1,3\nOther,a1,4\n");
  const ItemTable table = read_item_table(path);
  CHECK(table.columns == std::vector<std::string>{"Name", "SKU", "price"});
  CHECK(table.ids.size() == 1);
  CHECK(table.title("a1") == "Lamp");
  CHECK(table.repeated == 2);
  TableOptions options;
  options.columns = ColumnChoices("item.title=price");
  CHECK(read_item_table(path, options).title("a1") == "2");
  options.columns = ColumnChoices("item.title=colour");
  CHECK(message_of([&] { read_item_table(path, options); }) ==
        path + ": expected a column \"colour\" for item.title, got \"Name\", \"SKU\", \"price\"");
  const ItemTable untitled = read_item_table(files.write("plain.csv", "sku,colour\na1,red\n"));
  CHECK_FALSE(untitled.has_titles);
  CHECK(untitled.title("a1") == "a1");
}

}  // namespace
}  // namespace tapegrad::apps
